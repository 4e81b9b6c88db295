"""What an agent may use: its tools and its sources of knowledge."""

from django.db import models

from agents.models.agent import Agent
from knowledge.models import Source
from tenants.models import TenantForeignKey, TenantOwned
from tenants.rules import Inherited
from tools.models import Tool


class AgentTool(TenantOwned):
    access_rule = Inherited("agent")

    agent = TenantForeignKey(Agent, models.CASCADE, related_name="tool_links")
    tool = TenantForeignKey(Tool, models.PROTECT, related_name="agent_links")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["agent", "tool"], name="agent_tool_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} uses {self.tool}"


class AgentSource(TenantOwned):
    access_rule = Inherited("agent")

    agent = TenantForeignKey(Agent, models.CASCADE, related_name="source_links")
    source = TenantForeignKey(Source, models.PROTECT, related_name="agent_links")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["agent", "source"], name="agent_source_once"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} answers from {self.source}"
