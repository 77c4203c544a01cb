"""user/info.cgi and download/get_token.cgi: what depends on the offer."""

from collections.abc import Callable
from typing import Any, Final

from emulators.onefichier.endpoints.call import ApiCall
from emulators.onefichier.wire import JsonObject, RefusalError, flag, integer, local_date

_TEXT_FLAGS = (
    "default_port",
    "default_port_files",
    "use_cdn",
    "download_menu",
    "ftp_mode",
    "ftp_report",
    "ru_report",
)
_NUMBERS = ("ftp_did", "default_domain", "page_limit")
_SETTERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_TEXT_FLAGS, lambda value: str(integer(value))),
    **dict.fromkeys(_NUMBERS, integer),
}


def user_info(call: ApiCall) -> JsonObject:
    """The account, in the types rclone expects; a setting in the request is changed first."""
    account = call.account
    call.service.limits.account_info(call.address, account.email)
    account.settings |= {name: read(call.body[name]) for name, read in _SETTERS.items() if name in call.body}
    stored = account.stored_bytes
    return {
        "status": "OK",
        "email": account.email,
        "offer": str(account.offer),
        "2fa": "0",
        "mail_rm": "0",
        "subscription_end": account.subscription_end if account.is_customer else "",
        "cdn": f"{account.cdn_credits:g}",
        "default_quota": 0,
        "default_cold_storage_quota": account.allowed_cold_storage,
        "hot_storage": max(0, stored - account.cold_storage),
        "cold_storage": account.cold_storage,
        "allowed_cold_storage": account.allowed_cold_storage,
        "available_storage": account.available_storage - stored,
        "available_cold_storage": account.allowed_cold_storage,
        "stats_date": local_date(call.service.now()),
        "overquota": int(account.overquota),
        "upload_forbidden": "YES" if account.upload_forbidden else "NO",
        **account.settings,
    }


def get_token(call: ApiCall) -> JsonObject:
    owner, file = call.named_file()
    if not call.account.is_customer and call.account.cdn_credits <= 0:
        raise RefusalError("Must be a customer (Premium, Access) #200")
    if owner is not None and owner.locked:
        raise RefusalError("Owner locked #620")
    token = call.service.downloads.issue(
        call.account,
        file,
        inline=bool(flag(call.body.get("inline"))),
        single=bool(flag(call.body.get("single"))),
    )
    origin = call.origin
    if flag(call.body.get("no_ssl")):
        origin = origin.replace("https://", "http://", 1)
    suffix = "?inline" if token.inline else ""
    return {"status": "OK", "url": f"{origin}/{token.path}{suffix}", "message": "OK"}
