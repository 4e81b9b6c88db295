"""The forms of API keys."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils import timezone

from tenants import addresses, key_bounds
from tenants.access import Access
from tenants.capabilities import LABELS, closure
from tenants.forms import Filters
from tenants.merging import STALE, Merging, Values, VersionInput
from tenants.models import ApiKey, Tenant
from tenants.offering import OfferedField, Offering
from tenants.role_forms import Box, boxes

WINDOWS = [(1, "in a second"), (60, "in a minute"), (3_600, "in an hour"), (86_400, "in a day")]
OVERLAPS = [
    (0, "at once"),
    (1, "in an hour"),
    (24, "in a day"),
    (72, "in three days"),
    (168, "in a week"),
]
USUAL_DAYS = 90


class NetworksField(forms.CharField):
    """Addresses and networks, one in a line."""

    widget = forms.Textarea(attrs={"rows": 3, "data-kind": "code", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        lines = (super().to_python(value) or "").splitlines()
        return addresses.normalised(line for line in lines if line.strip())

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class LimitForm(Merging, forms.Form):
    """How often may be asked. A limit and its window are one thing for who chooses between two."""

    rate_limit = forms.IntegerField(
        label="Requests",
        required=False,
        min_value=1,
        max_value=key_bounds.HIGHEST_LIMIT,
        help_text="Empty: as often as it likes.",
    )
    rate_seconds = forms.TypedChoiceField(label="Within", choices=WINDOWS, coerce=int, initial=60)

    version = forms.CharField(widget=VersionInput, required=False)

    def __init__(
        self, *args: Any, seconds: int = 60, row: ApiKey | Tenant | None = None, **kwargs: Any
    ) -> None:
        """`seconds` is the present window, which may have been set to any by the API."""
        super().__init__(*args, **kwargs)
        if seconds not in dict(WINDOWS):
            choice = cast("forms.ChoiceField", self.fields["rate_seconds"])
            choice.choices = [*WINDOWS, (seconds, f"in {seconds:,} seconds")]
        if row is not None:
            self.begin_merging(row)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.met_newer(given.pop("version", "")):
            self.add_error(None, STALE)
        return given

    def part_of(self, name: str) -> str:
        return "rate_limit" if name == "rate_seconds" else super().part_of(name)

    def label_of(self, part: str) -> str:
        return "Limit" if part == "rate_limit" else super().label_of(part)

    def shown(self, part: str, values: Values) -> str:
        told = super().shown(part, values)
        if part != "rate_limit" or not told:
            return told
        return f"{told} {super().shown('rate_seconds', values)}"


class KeyForm(Offering, LimitForm):
    """A key: its name, check-boxes for what it may do, and within which bounds."""

    name = forms.CharField(max_length=120, help_text="What uses it: “Nightly import”.")
    scopes = forms.MultipleChoiceField(
        label="Rights", error_messages={"required": "Choose at least one right."}
    )
    # Their app stands above this one: `__init__` knows which there are.
    agents = OfferedField(None, label="Only these agents", required=False)
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="It ends at midnight after this day. Empty: never.",
    )
    networks = NetworksField(
        label="Allowed addresses",
        required=False,
        help_text="One address or network in a line: 192.0.2.17, 198.51.100.0/24, 2001:db8::/32."
        " Empty: from everywhere.",
    )

    field_order = ("name", "scopes", "agents", "expires_on", "networks", "rate_limit")

    def __init__(
        self,
        *args: Any,
        access: Access,
        key: ApiKey | None = None,
        unsaved: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        """`unsaved` is the form as it was sent from the page, to be drawn again as it stands."""
        super().__init__(*args, seconds=key.rate_seconds if key else 60, row=key, **kwargs)
        self.access, self.key = access, key
        scopes = cast("forms.MultipleChoiceField", self.fields["scopes"])
        scopes.choices = [(name, LABELS[name]) for name in LABELS if access.may(name)]
        cast("OfferedField", self.fields["agents"]).queryset = key_bounds.visible_agents(access)
        self.fields["rate_limit"].help_text = "Empty: what the organisation allows each key."
        self.initial.update(_initial(key) if key else {"expires_on": _in_days(USUAL_DAYS)})
        if unsaved is not None:
            self.fill_from_page(unsaved)
        self.offer_rows(unsaved)

    @property
    def groups(self) -> list[tuple[str, list[Box]]]:
        """What the page draws."""
        chosen = set(self["scopes"].value() or ()) & set(LABELS)
        return boxes(closure(chosen), self.access)

    def clean_expires_on(self) -> date | None:
        """Raise ValidationError for a day that is over, unless it stays what it is."""
        day: date | None = self.cleaned_data["expires_on"]
        if day and day < timezone.localdate() and day != self.initial.get("expires_on"):
            raise ValidationError("This day is over already.")
        return day

    def fields_for_service(self) -> dict[str, Any]:
        """What was filled in, by the names that the services take."""
        given = dict(self.cleaned_data)
        if self.key:
            given["expected_version"] = self.key.version
        agents, day = given.pop("agents"), given.pop("expires_on")
        given["agent_ids"] = self._agent_ids(agents)
        if "expires_on" in self.changed_data or not self.key:
            given["expires_at"] = _end_of(day) if day else None
        return given

    def _agent_ids(self, chosen: Any) -> list[Any] | None:
        """Those chosen, and those of the key's that this person was not offered."""
        kept = list(self.key.agent_ids or ()) if self.key else []
        offered = set(key_bounds.visible_agents(self.access).filter(pk__in=kept).values_list("pk"))
        hidden = [pk for pk in kept if (pk,) not in offered]
        return [*(agent.pk for agent in chosen), *hidden] or None


class RotationForm(forms.Form):
    """How long the present secret goes on."""

    overlap_hours = forms.TypedChoiceField(
        label="The present one ends",
        choices=OVERLAPS,
        coerce=int,
        initial=24,
        widget=forms.RadioSelect,
        help_text="Until then both work. Put the new one in place meanwhile.",
    )


_ENDED = Q(revoked_at__isnull=False) | Q(expires_at__lte=Now())


class KeyFilters(Filters):
    """What a list of keys is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    status = forms.ChoiceField(
        required=False,
        label="Status",
        choices=[("", "Active"), ("ended", "Ended"), ("any", "Active and ended")],
        widget=forms.Select(attrs={"data-submits": True}),
    )

    def narrow(self, keys: Any) -> Any:
        self.is_valid()
        words, status = self.cleaned_data.get("q"), self.cleaned_data.get("status")
        if words:
            of_maker = Q(user__name__icontains=words) | Q(user__email__icontains=words)
            keys = keys.filter(Q(name__icontains=words) | of_maker)
        if status == "any":
            return keys
        return keys.filter(_ENDED) if status == "ended" else self.opened(keys)

    @staticmethod
    def opened(rows: Any) -> Any:
        return rows.exclude(_ENDED)


def _initial(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "agents": key.agent_ids or [],
        "networks": list(key.networks),
        "rate_limit": key.rate_limit,
        "rate_seconds": key.rate_seconds,
        "expires_on": _last_day(key.expires_at),
    }


def _in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _last_day(moment: datetime | None) -> date | None:
    return None if moment is None else timezone.localdate(moment - timedelta(microseconds=1))
