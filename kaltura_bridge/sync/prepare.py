"""From targets to operations: what plan and batch do alike before anything is written.

The order of reads is what makes a sync safe, so it stands here once:

1. The account's resources, then the planned objects. A batch has claimed its targets by
   then: an edit after the claim raises a target's version, which its release notices; an
   edit before it is read here.
2. Specs are made of what was read. The domain is not looked at again, so all of a plan is
   of one moment.
3. Our links, then Kaltura. Nobody else writes the links of claimed targets.

Nothing here writes, and no transaction is open while Kaltura is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from kaltura_bridge.api.account import Resources, resources_for
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.members.people import CategoryMember
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.recipes import CannotSend
from kaltura_bridge.sync.desired import context_for, desired_for, load
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.observe import Observation, observe
from kaltura_bridge.sync.operations import Operation
from kaltura_bridge.sync.planner import Known, plan
from kaltura_bridge.sync.references import already_sent, pointed_at


@dataclass(frozen=True)
class Preparation:
    """What was read, and what is to be done about it.

    ``missing``: what targets lack that cannot be sent, by their id; nothing is planned
    for those.
    """

    resources: Resources
    links: Sequence[RemoteLink]
    observation: Observation
    operations: Sequence[Operation]
    missing: Mapping[int, CannotSend]


def prepare(kaltura: Kaltura, targets: Sequence[SyncTarget]) -> Preparation:
    """Read everything about these targets once, and plan.

    Targets that are not saved yet (a plan shows what was never touched) have no links.
    Raises KalturaError when Kaltura cannot be read.
    """
    resources = resources_for(kaltura)
    planned = load(targets)
    pointing = [thing for thing in planned.values() if not isinstance(thing, CategoryMember)]
    context = context_for(resources, pointed_at(kaltura, pointing))
    sent = already_sent(targets, pointing)
    desired = desired_for(targets, planned, context, sent)
    links = _links_of(targets)
    specs = [spec for specs in desired.specs.values() for spec in specs]
    observation = observe(kaltura, specs, links, resources)
    operations = plan(desired.specs, _known(links, observation))
    return Preparation(resources, links, observation, operations, desired.missing)


def _links_of(targets: Sequence[SyncTarget]) -> list[RemoteLink]:
    by_pk = {target.pk: target for target in targets}
    links = list(RemoteLink.objects.filter(target__in=by_pk))
    for link in links:
        link.target = by_pk[link.target_id]
    return links


def _known(links: Sequence[RemoteLink], observation: Observation) -> Known:
    return Known(
        links=links,
        observed=observation.objects,
        gone=frozenset(observation.gone),
        ids=observation.ids,
        now=timezone.now(),
        index_delay=index_delay(),
    )
