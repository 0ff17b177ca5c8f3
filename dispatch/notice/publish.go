package notice

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
)

// The refusals of publishing a notice.
var (
	ReasonLevelOfClosure = delivery.NewReason("LEVEL_OF_CLOSURE", delivery.CodeBadUserInput,
		"Give a level with a notice of closure, and only there.",
		"封闭通告须写明级别，其他通知不能有级别。")
	ReasonToAll = delivery.NewReason("TO_ALL_HOUSEHOLDS", delivery.CodeBadUserInput,
		"A notice of closure or reopening addresses all households.",
		"封闭和解封通告须发给全体住户。")
	ReasonNoRecipients = delivery.NewReason("NO_RECIPIENTS", delivery.CodeBadUserInput,
		"Address the notice to households, squads or suppliers; buildings need households.",
		"通知须发给住户、小队或供货商。")
	ReasonNoticeTooFar = delivery.NewReason("NOTICE_TOO_FAR", delivery.CodeBadUserInput,
		"A notice can take effect at most %d days ahead.",
		"通知最多只能提前 %d 天发布。")
	ReasonNotReplaceable = delivery.NewReason("NOT_REPLACEABLE", delivery.CodeConflict,
		"Only a notice that is in force and changes no closure can be replaced.",
		"只能替换仍然有效、且不涉及封闭的通知。")
)

// PublishNotice publishes a notice to all that it addresses in one transaction and one event.
func (v *Verbs) PublishNotice(ctx context.Context, a delivery.Actor, in PublishNoticeInput) (*PublishNoticePayload, error) {
	c := dispatch.Call{Actor: a, Mutation: "publishNotice", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, c, func(t *db.Tx, at time.Time, out *PublishNoticePayload) (bool, error) {
		n := in.notice(at)
		if refusal := in.check(a, n, at); refusal != nil {
			return false, refusal
		}
		community, err := in.lock(ctx, t)
		if err != nil {
			return false, err
		}
		if community.Archived() {
			return false, delivery.Refuse(dispatch.ReasonArchived).At("communityId")
		}
		if err := addresses(ctx, t, n); err != nil {
			return false, err
		}
		replaced, err := in.replaced(ctx, t, a)
		if err != nil {
			return false, err
		}
		if n.Households {
			if n.Audience, err = t.CountHouseholds(ctx, c.Community, n.BuildingUUIDs); err != nil {
				return false, err
			}
		}
		t.Spend(delivery.QuotaRows, 1)
		t.Spend(delivery.QuotaText, len(n.Title)+len(n.Body))
		if err := t.Decided(); err != nil {
			return false, err
		}
		if n.Number, err = t.NextNumbers(ctx, c.Community, db.NumberNotice, 1); err != nil {
			return false, err
		}
		n.UUID = dispatch.NewUUID()
		events := []*delivery.Event{n.Publish(a, n.Audience, at)}
		switch reached, err := t.InsertNotice(ctx, n, replaced); {
		case err != nil:
			return false, err
		case reached != n.Audience: // the community is locked
			return false, fmt.Errorf("address %d households, counted %d", reached, n.Audience)
		}
		if community.Close(n, at) {
			if err := t.SaveCommunities(ctx, []*delivery.Community{community}); err != nil {
				return false, err
			}
			events = append(events, delivery.NewEvent(delivery.CommunitySaved, a, at, delivery.Keys{Community: c.Community}, nil))
		}
		out.NoticeID = new(n.ID())
		return true, t.Append(ctx, c.Community, events)
	})
}

// notice is the notice as the input asks for it.
func (in *PublishNoticeInput) notice(at time.Time) *delivery.Notice {
	n := &delivery.Notice{CommunityID: in.CommunityID.Community, Kind: in.Kind, ClosureLevel: in.ClosureLevel, Title: delivery.Trimmed(in.Title), Body: in.Body, Households: in.Households,
		BuildingUUIDs: dispatch.UUIDs(in.BuildingIds), Suppliers: in.Suppliers, EffectiveAt: at}
	for _, s := range delivery.Squads { // in their order, each once
		if slices.Contains(in.Squads, s) {
			n.SquadWords = append(n.SquadWords, s)
		}
	}
	if in.EffectiveAt != nil {
		n.EffectiveAt = *dispatch.Instant(in.EffectiveAt)
	}
	return n
}

// check returns the refusal of the call that follows from its input alone.
func (in *PublishNoticeInput) check(a delivery.Actor, n *delivery.Notice, at time.Time) *delivery.Error {
	if refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); refusal != nil {
		return refusal.At("communityId")
	}
	if !a.Scope().SeesCommunity(n.CommunityID) {
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	}
	if refusal := a.CanPublish(n); refusal != nil {
		return refusal
	}
	if refusal := dispatch.First(dispatch.Text("title", n.Title, delivery.MaxName, true), dispatch.Text("body", n.Body, delivery.MaxNotice, false),
		dispatch.Field("effectiveAt", delivery.CheckTime(n.EffectiveAt))); refusal != nil {
		return refusal
	}
	switch {
	case n.EffectiveAt.After(at.Add(delivery.MaxNoticeAhead)):
		return delivery.Refuse(ReasonNoticeTooFar, int(delivery.MaxNoticeAhead/(24*time.Hour))).At("effectiveAt")
	case (n.Kind == delivery.NoticeClosure) != (n.ClosureLevel != nil):
		return delivery.Refuse(ReasonLevelOfClosure).At("closureLevel")
	case n.Kind != delivery.NoticePlain && (!n.Households || len(n.BuildingUUIDs) > 0):
		return delivery.Refuse(ReasonToAll).At("households")
	case !n.Households && (len(n.SquadWords) == 0 && !n.Suppliers || len(n.BuildingUUIDs) > 0):
		return delivery.Refuse(ReasonNoRecipients).At("households")
	case len(in.BuildingIds) == 0:
		return nil
	}
	community, refusal := dispatch.CheckIDs(in.BuildingIds, "buildingIds", "", delivery.KindBuilding)
	if refusal == nil && community != n.CommunityID {
		refusal = delivery.Refuse(dispatch.ReasonTwoCommunities).At("buildingIds", "0")
	}
	return refusal
}

// lock locks the community. It locks the row for a change if the notice is of closure or reopening.
func (in *PublishNoticeInput) lock(ctx context.Context, t *db.Tx) (*delivery.Community, error) {
	if in.Kind == delivery.NoticePlain {
		return t.LockCommunity(ctx, in.CommunityID.Community, false)
	}
	return t.LockCommunityRow(ctx, in.CommunityID.Community)
}

// addresses refuses buildings that do not exist or are archived.
func addresses(ctx context.Context, t *db.Tx, n *delivery.Notice) error {
	if len(n.BuildingUUIDs) == 0 {
		return nil
	}
	known, err := t.Places(ctx, n.CommunityID, n.BuildingUUIDs)
	if err != nil {
		return err
	}
	for i, b := range n.BuildingUUIDs {
		switch at := strconv.Itoa(i); {
		case known[b].UUID == "":
			return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()).At("buildingIds", at)
		case known[b].Archived:
			return delivery.Refuse(dispatch.ReasonArchived).At("buildingIds", at)
		}
	}
	return nil
}

// replaced locks the notice that the new one replaces and returns its id, nil if it replaces none.
func (in *PublishNoticeInput) replaced(ctx context.Context, t *db.Tx, a delivery.Actor) (*delivery.UUID, error) {
	if in.ReplacesID == nil {
		return nil, nil //nolint:nilnil // nothing is replaced
	}
	if refusal := dispatch.CheckID(*in.ReplacesID, delivery.KindNotice, in.CommunityID.Community); refusal != nil {
		return nil, refusal.At("replacesId")
	}
	rows, err := t.LockNotices(ctx, a.Scope(), in.CommunityID.Community, []delivery.UUID{in.ReplacesID.UUID})
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindNotice.String()).At("replacesId")
	case rows[0].Kind != delivery.NoticePlain || rows[0].EndedAt != nil: // replaced at once, perhaps by a server whose clock is ahead
		return nil, delivery.Refuse(ReasonNotReplaceable).At("replacesId")
	}
	if refusal := a.CanPublish(rows[0]); refusal != nil { // else a lead could replace a notice of the commander
		return nil, refusal.At("replacesId")
	}
	return &rows[0].UUID, nil
}
