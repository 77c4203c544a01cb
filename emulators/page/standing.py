"""How accounts stand: what their owners are warned of, brought about by hand."""

from collections.abc import Mapping
from typing import Final, Literal

from emulators.onefichier import EmulatedAccount, OneFichier
from emulators.onefichier.wire import local_date

Standing = Literal[
    "ordinary", "nearly_full", "over_quota", "ends_in_10_days", "ends_in_2_days", "uploads_forbidden"
]

NEARLY_FULL: Final = 0.92
OVER_QUOTA: Final = 1.04
"""Of the quota, in cold storage: 1fichier's own figure, which grows without any upload as files are left alone."""

_DAY: Final = 24 * 3600
_DAYS_LEFT: Final[dict[Standing, int]] = {"ends_in_10_days": 10, "ends_in_2_days": 2}
_USED: Final[dict[Standing, float]] = {"nearly_full": NEARLY_FULL, "over_quota": OVER_QUOTA}


class Standings:
    """What was so at first is ordinary, and comes back."""

    def __init__(self, onefichier: OneFichier, accounts: Mapping[int, EmulatedAccount]) -> None:
        """`accounts`: by the number of the person whose they are."""
        self._onefichier = onefichier
        self._accounts = accounts
        self._now: dict[int, Standing] = dict.fromkeys(accounts, "ordinary")
        self._ordinary = {
            person: (account.cold_storage, account.subscription_end) for person, account in accounts.items()
        }

    def of(self, person_id: int) -> Standing:
        return self._now[person_id]

    def change(self, person_id: int, standing: Standing) -> None:
        """Raises ValueError for the end of a subscription where there is none."""
        account = self._accounts[person_id]
        if standing in _DAYS_LEFT and not account.is_customer:
            raise ValueError("a free account has no subscription that could end")
        account.cold_storage, account.subscription_end = self._ordinary[person_id]
        if standing in _USED:
            account.cold_storage = int(_USED[standing] * account.allowed_cold_storage)
        if standing in _DAYS_LEFT:
            # Half a day more, so that it still is so many for whoever looks in an hour.
            left = (_DAYS_LEFT[standing] + 0.5) * _DAY
            account.subscription_end = local_date(self._onefichier.now() + left)
        account.overquota = standing == "over_quota"
        account.upload_forbidden = standing == "uploads_forbidden"
        self._now[person_id] = standing
