"""getUpdates, webhooks, and the bot's session with the server."""

from typing import Any

from emulators.botapi.errors import conflict
from emulators.botapi.methods.registry import Described, Handler, Parameters
from emulators.botapi.state import State
from emulators.botapi.updates import TERMINATED_BY_WEBHOOK, WEBHOOK_IS_ACTIVE


async def get_me(state: State, _: Parameters) -> dict[str, Any]:
    return state.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": state.can_read_all_group_messages,
        "supports_inline_queries": state.inline_mode,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_updates(state: State, parameters: Parameters) -> list[dict[str, Any]]:
    if state.webhook.url:
        raise conflict(WEBHOOK_IS_ACTIVE)
    state.updates.allow(parameters.get("allowed_updates"))
    return await state.updates.poll(
        offset=parameters.get("offset", 0),
        limit=parameters.get("limit", 100),
        timeout=parameters.get("timeout", 0),
    )


async def set_webhook(state: State, parameters: Parameters) -> Described:
    if not parameters["url"]:
        return await delete_webhook(state, parameters)
    state.webhook.set(
        parameters["url"],
        secret=parameters.get("secret_token", ""),
        max_connections=parameters.get("max_connections"),
        local=state.local_dir is not None,
    )
    state.updates.allow(parameters.get("allowed_updates"))
    if parameters.get("drop_pending_updates"):
        state.updates.drop()
    state.updates.end_poll(TERMINATED_BY_WEBHOOK)
    return Described(result=True, description="Webhook was set")


async def delete_webhook(state: State, parameters: Parameters) -> Described:
    was_set = bool(state.webhook.url)
    state.webhook.delete()
    if parameters.get("drop_pending_updates"):
        state.updates.drop()
    return Described(
        result=True, description="Webhook was deleted" if was_set else "Webhook is already deleted"
    )


async def get_webhook_info(state: State, _: Parameters) -> dict[str, Any]:
    return state.webhook.info()


async def log_out(state: State, _: Parameters) -> bool:
    state.logged_out = True
    return True


async def close(_state: State, _: Parameters) -> bool:
    return True


METHODS: dict[str, Handler] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": close,
}
