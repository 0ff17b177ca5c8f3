package plan

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/rehearsal"
)

// SaveScenarioInput is a scenario to save, or to change if it has an id.
type SaveScenarioInput struct {
	ClientMutationID *string
	CommunityID      delivery.ID
	ID               *delivery.ID
	ExpectedVersion  *int64
	Name             string
	Scenario         *rehearsal.ScenarioInput
}

// ArchiveScenarioInput is a scenario to archive.
type ArchiveScenarioInput struct {
	ClientMutationID *string
	ScenarioID       delivery.ID
	ExpectedVersion  *int64
}

// SaveScenarioPayload is the outcome of saving a scenario.
type SaveScenarioPayload struct {
	dispatch.Outcome
	ScenarioID *delivery.ID `json:"scenarioId,omitempty"`
}

// ArchiveScenarioPayload is the outcome of archiving a scenario.
type ArchiveScenarioPayload struct {
	dispatch.Outcome
	ScenarioID *delivery.ID `json:"scenarioId,omitempty"`
}

// Of is the saved scenario.
func (p *SaveScenarioPayload) Of() *delivery.ID { return p.ScenarioID }

// Of is the archived scenario.
func (p *ArchiveScenarioPayload) Of() *delivery.ID { return p.ScenarioID }

// The refusals of scenarios.
var (
	ReasonTooManyScenarios = delivery.NewReason("TOO_MANY_SCENARIOS", delivery.CodeConflict,
		"A community can have at most %d scenarios; archive one first.",
		"每个小区最多保存 %d 个预案，请先归档一个。")
	ReasonScenarioElsewhere = delivery.NewReason("SCENARIO_ELSEWHERE", delivery.CodeBadUserInput,
		"The scenario is of another community.",
		"该预案属于另一个小区。")
)

// SaveScenario saves a scenario under a name, or changes one: leads, the commander and administrators.
func (v *Verbs) SaveScenario(ctx context.Context, a delivery.Actor, in SaveScenarioInput) (*SaveScenarioPayload, error) {
	call := dispatch.Call{Actor: a, Mutation: "saveScenario", Community: in.CommunityID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, call, func(t *db.Tx, at time.Time, out *SaveScenarioPayload) (bool, error) {
		if refusal := in.check(a); refusal != nil {
			return false, refusal
		}
		community, err := enter(ctx, t, in.CommunityID.Community)
		if err != nil {
			return false, err
		}
		body, err := in.body(ctx, t, community, at)
		if err != nil {
			return false, err
		}
		row := &delivery.SavedScenario{Row: delivery.NewRow(call.Community, dispatch.NewUUID(), at)}
		if in.ID != nil {
			if row, err = current(ctx, t, *in.ID, in.ExpectedVersion, "id"); err != nil {
				return false, err
			}
			if row.Archived() {
				return false, delivery.Refuse(dispatch.ReasonArchived).At("id")
			}
		} else if err := room(ctx, t, call.Community); err != nil {
			return false, err
		}
		out.ScenarioID = new(row.ID())
		next := *row
		next.Name, next.Body = delivery.Trimmed(in.Name), *body
		if in.ID != nil {
			if reflect.DeepEqual(*row, next) {
				return false, nil
			}
			next.Version++
		}
		return true, save(ctx, t, a, &next, at)
	})
}

// ArchiveScenario archives a scenario: leads, the commander and administrators.
func (v *Verbs) ArchiveScenario(ctx context.Context, a delivery.Actor, in ArchiveScenarioInput) (*ArchiveScenarioPayload, error) {
	call := dispatch.Call{Actor: a, Mutation: "archiveScenario", Community: in.ScenarioID.Community, ID: in.ClientMutationID, Input: in}
	return dispatch.Run(ctx, v.Engine, call, func(t *db.Tx, at time.Time, out *ArchiveScenarioPayload) (bool, error) {
		switch refusal := dispatch.CheckID(in.ScenarioID, delivery.KindScenario, 0); {
		case refusal != nil:
			return false, refusal.At("scenarioId")
		case !a.Scope().SeesCommunity(call.Community):
			return false, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindScenario.String()).At("scenarioId")
		case !a.CanRehearse(call.Community):
			return false, delivery.Refuse(delivery.ReasonNotYours)
		}
		if _, err := enter(ctx, t, call.Community); err != nil {
			return false, err
		}
		row, err := current(ctx, t, in.ScenarioID, in.ExpectedVersion, "scenarioId")
		if err != nil {
			return false, err
		}
		out.ScenarioID = new(row.ID())
		if row.Archived() {
			return false, nil
		}
		row.Version++
		row.ArchivedAt = &at
		return true, save(ctx, t, a, row, at)
	})
}

// check refuses what can be judged without the rows.
func (in *SaveScenarioInput) check(a delivery.Actor) *delivery.Error {
	switch refusal := dispatch.CheckID(in.CommunityID, delivery.KindCommunity, 0); {
	case refusal != nil:
		return refusal.At("communityId")
	case in.CommunityID.Community == 0 || !a.Scope().SeesCommunity(in.CommunityID.Community):
		return delivery.Refuse(delivery.ReasonNoSuch, delivery.KindCommunity.String()).At("communityId")
	case !a.CanRehearse(in.CommunityID.Community):
		return delivery.Refuse(delivery.ReasonNotYours)
	case in.Scenario.CommunityID != in.CommunityID:
		return delivery.Refuse(ReasonScenarioElsewhere).At("scenario", "communityId")
	}
	if in.ID != nil {
		if refusal := dispatch.CheckID(*in.ID, delivery.KindScenario, in.CommunityID.Community); refusal != nil {
			return refusal.At("id")
		}
	}
	return dispatch.First(dispatch.Text("name", delivery.Trimmed(in.Name), delivery.MaxScenarioName, true))
}

// body returns the scenario as it is stored, or why it is refused.
func (in *SaveScenarioInput) body(ctx context.Context, t *db.Tx, c *delivery.Community, at time.Time) (*delivery.ScenarioBody, error) {
	_, from := c.Today(at) // as rehearse does
	if in.Scenario.Day != nil {
		day, _, refusal := c.DayOf(*in.Scenario.Day)
		if refusal != nil {
			return nil, refusal.At("scenario", "day")
		}
		from = day
	}
	if refusal := in.Scenario.Check(from); refusal != nil {
		return nil, refusal.At("scenario")
	}
	if len(in.Scenario.HeldBuildings) > 0 {
		rows, err := t.Buildings().All(ctx, c.CommunityID)
		if err != nil {
			return nil, err
		}
		for i, h := range in.Scenario.HeldBuildings {
			id := h.BuildingID
			if id.Kind != delivery.KindBuilding || id.Community != c.CommunityID || !slices.ContainsFunc(rows, func(b *delivery.Building) bool { return b.UUID == id.UUID }) {
				return nil, delivery.Refuse(rehearsal.ReasonScenarioBuilding).At("scenario", "heldBuildings", strconv.Itoa(i), "buildingId")
			}
		}
	}
	return new(in.Scenario.Body(c, from)), nil
}

// enter locks the community for a change. It refuses one that is archived or purged.
func enter(ctx context.Context, t *db.Tx, community int32) (*delivery.Community, error) {
	c, err := t.LockCommunity(ctx, community, true)
	switch {
	case err != nil:
		return nil, err
	case c.Archived():
		return nil, delivery.Refuse(dispatch.ReasonArchived)
	case c.Purged():
		return nil, delivery.Refuse(dispatch.ReasonPurged)
	}
	return c, nil
}

// current reads a scenario of the locked community. It refuses one that does not exist or has another version than the caller expects.
func current(ctx context.Context, t *db.Tx, id delivery.ID, expected *int64, field string) (*delivery.SavedScenario, error) {
	row, err := t.Scenario(ctx, id)
	if refusal := delivery.AsError(err); refusal != nil {
		return nil, refusal.At(field)
	} else if err != nil {
		return nil, err
	}
	if now := row.Version; expected != nil && *expected != now {
		return nil, delivery.Refuse(delivery.ReasonVersionChanged, now).At("expectedVersion").With(delivery.Details{Version: now})
	}
	return row, nil
}

// room refuses one scenario too many.
func room(ctx context.Context, t *db.Tx, community int32) error {
	n, err := t.CountScenarios(ctx, community)
	if err == nil && n >= delivery.MaxScenarios {
		return delivery.Refuse(ReasonTooManyScenarios, delivery.MaxScenarios).With(delivery.Details{Limit: delivery.MaxScenarios})
	}
	return err
}

// save writes the row with its event.
func save(ctx context.Context, t *db.Tx, a delivery.Actor, row *delivery.SavedScenario, at time.Time) error {
	t.Spend(delivery.QuotaRows, 1)
	if err := t.Decided(); err != nil {
		return err
	}
	if err := t.SaveScenario(ctx, row); err != nil {
		return err
	}
	return t.Append(ctx, row.CommunityID, []*delivery.Event{delivery.NewSaved(delivery.ScenarioSaved, a, at, delivery.Keys{Community: row.CommunityID}, row.UUID)})
}
