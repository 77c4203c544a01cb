"""Database rows as records."""

from storage.database import Row
from storage.records import (
    Account,
    Batch,
    BatchKind,
    Reason,
    RemoteState,
    RemoteUpload,
    Transfer,
    TransferState,
    to_time,
    to_time_or_none,
)
from storage.troubles import trouble_from


def batch_from(row: Row) -> Batch:
    return Batch(
        id=row["id"],
        kind=BatchKind(row["kind"]),
        person_id=row["person_id"],
        chat_id=row["chat_id"],
        reply_to=row["reply_to"],
        joined_at=to_time(row["joined_at"]),
        closed_at=to_time_or_none(row["closed_at"]),
        told_at=to_time_or_none(row["told_at"]),
        status_message_id=row["status_message_id"],
        notice_message_id=row["notice_message_id"],
    )


def transfer_from(row: Row) -> Transfer:
    return Transfer(
        id=row["id"],
        batch_id=row["batch_id"],
        person_id=row["person_id"],
        account_id=row["account_id"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        file_id=row["file_id"],
        file_unique_id=row["file_unique_id"],
        kind=row["kind"],
        given_name=row["given_name"],
        name=row["name"],
        size=row["size"],
        folder_id=row["folder_id"],
        folder_name=row["folder_name"],
        state=TransferState(row["state"]),
        cancelling=row["cancelled_at"] is not None,
        refused=bool(row["refused"]),
        held=bool(row["held"]),
        again=bool(row["again"]),
        tries=row["tries"],
        not_before=to_time(row["not_before"]) if row["not_before"] else None,
        node_url=row["node_url"],
        node_upload_id=row["node_upload_id"],
        whole_at=to_time_or_none(row["whole_at"]),
        redirected=bool(row["redirected"]),
        link=row["link"],
        stored_name=row["stored_name"],
        stored_size=row["stored_size"],
        there_since=to_time_or_none(row["there_since"]),
        protected=bool(row["protected"]),
        checksum=row["checksum"],
        verified=bool(row["verified"]),
        damaged=row["damaged"],
        local_path=row["local_path"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        detail=row["detail"],
        created_at=to_time(row["created_at"]),
        ended_at=to_time_or_none(row["ended_at"]),
        channel=row["channel"],
        trouble=trouble_from(row),
        sealed_password=bytes(row["sealed_password"]) if row["sealed_password"] is not None else None,
    )


def remote_from(row: Row) -> RemoteUpload:
    return RemoteUpload(
        id=row["id"],
        batch_id=row["batch_id"],
        person_id=row["person_id"],
        account_id=row["account_id"],
        chat_id=row["chat_id"],
        message_id=row["message_id"],
        position=row["position"],
        shown_url=row["shown_url"],
        folder_id=row["folder_id"],
        folder_name=row["folder_name"],
        state=RemoteState(row["state"]),
        told=bool(row["told"]),
        unwanted=bool(row["unwanted"]),
        not_before=to_time(row["not_before"]) if row["not_before"] else None,
        task_id=row["task_id"],
        requested_at=to_time_or_none(row["requested_at"]),
        polls_without=row["polls_without"],
        link=row["link"],
        link_id=row["link_id"],
        stored_name=row["stored_name"],
        stored_size=row["stored_size"],
        web_page=bool(row["web_page"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        detail=row["detail"],
        created_at=to_time(row["created_at"]),
        ended_at=to_time_or_none(row["ended_at"]),
        sealed_url=bytes(row["sealed_url"]),
        trouble=trouble_from(row),
    )


def account_from(row: Row) -> Account:
    return Account(
        id=row["id"],
        person_id=row["person_id"],
        number=row["number"],
        name=row["name"],
        refused_at=to_time_or_none(row["refused_at"]),
        folder_id=row["folder_id"],
        folder_name=row["folder_name"],
        sealed_key=bytes(row["sealed_key"]),
    )
