"""Every way by which a secret comes into Roster."""

import re

from tenants.models import Provider
from tests.canaries import account_doors
from tests.factories.agents import AgentFactory, AgentToolFactory
from tests.runs.conftest import republished
from tools.models import Tool

T = "/t/acme/"
S = f"{T}settings/"
# Of characters that each spelling writes differently.
TYPED = {
    "first value of a secret": "cnry/1+aa!Zq7Lx0Vb3/Kd9+Wm2!first?",
    "second value of a secret": "cnry/2+bb!Yp6Mw1Uc4/Je8+Xn3!second?",
    "refused value": "cnry/3+cc!Xo5Nv2Td5/If7+Yo4!refused?",
    "provider key": "cnry/4+dd!Wn4Ou3Se6/Hg6+Zp5!provider?",
    "refused provider key": "cnry/5+ee!Vm3Pt4Rf7/Gh5+Aq6!unknown?",
    "tool secret of a page": "cnry/6+ff!Ul2Qs5Qg8/Fi4+Br7!page?",
    "tool secret of the API": "cnry/7+gg!Tk1Rr6Ph9/Ej3+Cs8!api?",
    "password": "cnry/8+hh!Sj0Sq7Oi1/Dk2+Dt9!password?",
    "another password": "cnry/9+ii!Ri9Tp8Nj2/Cl1+Eu0!changed?",
    "mistyped password": "cnry/0+jj!Qh8Uo9Mk3/Bm0+Fv1!mistyped?",
    "password of who joins": "cnry/a+kk!Pg7Vn0Ll4/An9+Gw2!joiner?",
}


class Doors:
    """Puts each canary in through its door; those that Roster makes are added to `canaries`."""

    def __init__(self, owner, page, api, server, fake, monkeypatch):
        self.owner, self.page, self.server, self.fake = owner, page, server, fake
        self.client, self.api = page(owner), api(owner)
        self.canaries = dict(TYPED)
        self.monkeypatch = monkeypatch

    def all(self):
        self.secrets()
        self.providers()
        self.tools()
        self.runs()
        self.passwords()
        self.keys()
        self.invitations()
        account_doors.through(self, S, self.monkeypatch)
        account_doors.mails(self, S)
        account_doors.kept_answers(self)
        account_doors.second_factor(self, TYPED["another password"])

    def post(self, url, data, client=None):
        answer = (client or self.client).post(url, data)
        assert answer.status_code in (200, 302, 422), (url, answer.status_code)
        return answer.content.decode()

    def secrets(self):
        name = {"name": "Vendor key"}
        self.post(f"{S}secrets/new/", name | {"value": TYPED["first value of a secret"]})
        secret = re.search(rf"{S}secrets/([0-9a-f-]{{36}})/", self.client.get(f"{S}secrets/")
                           .content.decode())[1]  # fmt: skip
        self.post(f"{S}secrets/{secret}/", name | {"value": TYPED["second value of a secret"]})
        self.post(f"{S}secrets/new/", name | {"value": TYPED["refused value"]})

    def providers(self):
        account = {"name": "Vendor", "kind": "compatible", "base_url": self.fake.base_url,
                   "secret": "", "default_model": "fake-small"}  # fmt: skip
        self.post(f"{S}providers/new/", account | {"key": TYPED["provider key"]})
        refused = account | {"base_url": "", "key": TYPED["refused provider key"]}
        self.post(f"{S}providers/new/", refused)
        self.provider = Provider.unscoped.get()
        self.post(f"{S}providers/{self.provider.pk}/test/", {})

    def tools(self):
        form = {
            "name": "Order finder", "slug": "find", "description": "Finds.", "method": "GET",
            "url_template": f"{self.server.url}/orders", "send_as": "query", "auth": "basic",
            "auth_username": "us", "parameters": '{"type": "object", "properties": {}}',
            "timeout_seconds": "5", "secret": TYPED["tool secret of a page"],
        }  # fmt: skip
        self.post(f"{T}tools/new/", form)
        self.tool = Tool.unscoped.get()
        self.post(f"{T}tools/{self.tool.pk}/try/", {})
        answer = self.api.post(
            "/tools",
            {"name": "By API", "description": "Finds.", "auth": "bearer",
             "url_template": "https://api.example.com/", "secret": TYPED["tool secret of the API"]},
            headers={"Idempotency-Key": "tool-once"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.content

    def runs(self):
        """A good one that calls a tool which tells all it was sent; one whose vendor repeats the
        key; and one that waits in the queue."""
        for model in ("tool=find", "status=400,telling", "status=500,telling"):
            agent = AgentFactory(
                tenant=self.provider.tenant, provider=self.provider, model=model, published=True
            )
            AgentToolFactory(tenant=agent.tenant, agent=agent, tool=self.tool)
            republished(agent)
            for prefer in ("wait", "respond-async"):
                self.api.post(
                    f"/agents/{agent.pk}/execute",
                    {"input": "Where is it?"},
                    headers={"Prefer": prefer},
                )

    def passwords(self):
        self.owner.set_password(TYPED["password"])
        self.owner.save()
        for name in ("mistyped password", "password"):
            visitor = self.page()
            login = {"login": self.owner.email, "password": TYPED[name]}
            self.post("/accounts/sign-in/", login, visitor)
        new = TYPED["another password"]
        form = {"oldpassword": TYPED["password"], "password1": new, "password2": new}
        self.post("/accounts/password/", form, visitor)
        self.owner.refresh_from_db()
        assert self.owner.check_password(new)
        self.client = self.page(self.owner)

    def keys(self):
        form = {"name": "Nightly", "scopes": ["view_agents"], "rate_seconds": "60"}
        shown = self.post(f"{S}api-keys/new/", form)
        token = re.search(r"data-key>(\w+)<", shown)[1]
        self.canaries["API key"] = token.split("_")[2]  # what stands before it is no secret
        self.page().get("/api/v1/agents", headers={"Authorization": f"Bearer {token}"})
        self.page().get(f"/api/v1/agents?key={token}", headers={"Authorization": token[:-2] + "xx"})

    def invitations(self):
        role = re.search(r'<option value="([0-9a-f-]{36})"', self.client.get(f"{S}invitations/new/")
                         .content.decode())[1]  # fmt: skip
        form = {"delivery": "link", "role": role, "days": "7"}
        for number in (1, 2):
            shown = self.post(f"{S}invitations/new/", form)
            link = re.search(r"data-link>[^<]*?//[^/]+(/[^<]+)<", shown)[1]
            self.canaries[f"invitation {number}"] = re.split(r"[#/=]", link.rstrip("/"))[-1]
