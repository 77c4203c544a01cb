"""The endpoints of the API: one function each, from a checked call to the answer's object."""

from collections.abc import Callable, Mapping
from typing import Final

from emulators.onefichier.endpoints import account, files, folders, remote
from emulators.onefichier.endpoints.call import ApiCall
from emulators.onefichier.wire import JsonObject

GET_UPLOAD_SERVER: Final = "upload/get_upload_server.cgi"

# Everything else is answered 404, endpoints that circulate on the web and never existed included.
ENDPOINTS: Final[Mapping[str, Callable[[ApiCall], JsonObject]]] = {
    "download/get_token.cgi": account.get_token,
    "file/chattr.cgi": files.chattr,
    "file/cp.cgi": files.copy,
    "file/info.cgi": files.info,
    "file/ls.cgi": files.ls,
    "file/mv.cgi": files.move,
    "file/rename.cgi": files.rename,
    "file/rm.cgi": files.remove,
    "file/scan.cgi": files.scan,
    "folder/ls.cgi": folders.ls,
    "folder/mkdir.cgi": folders.mkdir,
    "folder/mv.cgi": folders.move,
    "folder/rm.cgi": folders.remove,
    "folder/share.cgi": folders.share,
    "remote/info.cgi": remote.info,
    "remote/ls.cgi": remote.ls,
    "remote/request.cgi": remote.request,
    "user/info.cgi": account.user_info,
}

__all__ = ["ENDPOINTS", "GET_UPLOAD_SERVER", "ApiCall"]
