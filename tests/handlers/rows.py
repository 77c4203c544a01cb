"""Records as the stores return them, made up."""

from typing import Any

from storage import Batch, BatchKind, RemoteState, RemoteUpload, Transfer, TransferState
from tests.clock import NOON


def a_batch(**values: Any) -> Batch:
    made: dict[str, Any] = {
        "id": 1,
        "kind": BatchKind.UPLOAD,
        "person_id": 1_000,
        "chat_id": 1_000,
        "reply_to": 1,
        "joined_at": NOON,
        "closed_at": None,
        "told_at": None,
        "status_message_id": None,
        "notice_message_id": None,
    }
    return Batch(**made | values)


def a_transfer(**values: Any) -> Transfer:
    made: dict[str, Any] = {
        "id": 1,
        "batch_id": 1,
        "person_id": 1_000,
        "account_id": 1,
        "chat_id": 1_000,
        "message_id": 1,
        "file_id": "file",
        "file_unique_id": "unique",
        "kind": "video",
        "given_name": "Holiday.mp4",
        "name": "Holiday.mp4",
        "size": 1_400_000_000,
        "folder_id": 0,
        "folder_name": "",
        "state": TransferState.QUEUED,
        "cancelling": False,
        "refused": False,
        "held": False,
        "again": False,
        "tries": 0,
        "not_before": None,
        "node_url": None,
        "node_upload_id": None,
        "whole_at": None,
        "redirected": False,
        "link": None,
        "stored_name": None,
        "stored_size": None,
        "there_since": None,
        "protected": False,
        "checksum": None,
        "verified": False,
        "damaged": 0,
        "local_path": None,
        "reason": None,
        "detail": None,
        "created_at": NOON,
        "ended_at": None,
    }
    return Transfer(**made | values)


def a_remote(**values: Any) -> RemoteUpload:
    made: dict[str, Any] = {
        "id": 1,
        "batch_id": 1,
        "person_id": 1_000,
        "account_id": 1,
        "chat_id": 1_000,
        "message_id": 1,
        "position": 0,
        "shown_url": "example.org/a.iso",
        "folder_id": 0,
        "folder_name": "",
        "state": RemoteState.FETCHING,
        "told": True,
        "unwanted": False,
        "not_before": None,
        "task_id": 1,
        "requested_at": NOON,
        "polls_without": 0,
        "link": None,
        "link_id": None,
        "stored_name": None,
        "stored_size": None,
        "web_page": False,
        "reason": None,
        "detail": None,
        "created_at": NOON,
        "ended_at": None,
        "sealed_url": b"",
    }
    return RemoteUpload(**made | values)
