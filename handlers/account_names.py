"""Where something is, in which account too where a person has more than one."""

from collections.abc import Mapping
from typing import TypeAlias

from handlers.context import Services
from handlers.texts import Html, Texts
from storage import Account

AccountNames: TypeAlias = Mapping[int, str]
"""Of the accounts of one person, by id; empty when there is only one, which then needs no name."""


def account_name(t: Texts, account: Account) -> str:
    return t.name(account.name) if account.name else t.plain("Account {number}", number=account.number)


async def account_names(services: Services, t: Texts, person_id: int) -> AccountNames:
    accounts = await services.account_rows.of(person_id)
    return {each.id: account_name(t, each) for each in accounts} if len(accounts) > 1 else {}


def place(t: Texts, folder_name: str, account: str | None) -> Html:
    folder = t.folder(folder_name)
    if account is None:
        return t("📁 {folder}", folder=folder)
    return t("📁 {folder} · {account}", folder=folder, account=account)
