"""What the rules say about a request, worked out a second time and independently of Access."""

from tenants import rules
from tenants.capabilities import BUILT_IN_ROLES, LADDERS, closure
from tests.architecture.world import ROLES

HELD = {role: closure(BUILT_IN_ROLES[role][1]) for role in ROLES}


def capability_for(model, action):
    """The tenant-wide capability that lets an action through on a row that isn't restricted."""
    rule = model.access_rule
    if isinstance(rule, rules.Inherited):
        return capability_for(model._meta.get_field(rule.parent).related_model, action)
    if isinstance(rule, rules.Shared):
        return f"{action}_{rule.area}"
    if isinstance(rule, rules.ThroughSubject):
        return f"{'view' if action == 'view' else LADDERS[rule.area][-1]}_{rule.area}"
    if isinstance(rule, rules.Capability):
        return rule.view if action == "view" and rule.view else rule.capability
    return rule.change if action != "view" and rule.change else rule.capability


def needs_of_page(rule):
    """The capabilities that a page's rule asks for; none where every member may come."""
    needs = [rule.needs] if rule.needs else []
    return [capability_for(rule.model, rule.action), *needs] if rule.model else needs


def expected(route, who, needs, targets=None, *, has_related=False):
    """The word that `Asker.ask` should bring back."""
    if who == "anonymous":
        return "sign-in" if route.is_page else "401"
    if who == "suspended":
        return "404" if route.is_page else "401"
    if who == "stranger":
        # A stranger's key works, in the stranger's own organisation: ids from here are foreign.
        knows_nothing = route.is_page or route.objects or has_related
        return "404" if knows_nothing else "yes"
    targets = targets or {}
    if _is_unreachable(who, targets.get(next(iter(route.objects), ""), "own")):
        return "404"
    if not set(needs) <= HELD[who]:
        return _refusal(route, who)
    return "404" if any(_is_unreachable(who, which) for which in targets.values()) else "yes"


def _is_unreachable(who, which):
    return which in ("foreign", "random") or (which == "restricted" and who != "owner")


def _refusal(route, who):
    """403 for who may see the route's object, or where there is none; 404 for who may not."""
    model = next(iter(route.objects.values()), None)
    is_hidden = model is not None and capability_for(model, "view") not in HELD[who]
    return "404" if is_hidden else "403"
