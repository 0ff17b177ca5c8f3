package workbook

import (
	"context"
	"time"

	"baogong/db"
	"baogong/delivery"
	"baogong/dispatch"
	"baogong/reading/address"
	"baogong/reading/estatefile"
)

// plannedWord is a word of the estate to save.
type plannedWord struct {
	row      *estatefile.WordRow
	building string // key of the building, of a name of a building
	create   bool
}

// aliasKinds are the kinds of words as the book has them. The lane is no alias.
var aliasKinds = map[estatefile.WordKind]delivery.AliasKind{
	estatefile.EstateWord: delivery.AliasEstate, estatefile.NoiseWord: delivery.AliasNoise, estatefile.LandmarkWord: delivery.AliasLandmark, estatefile.BuildingWord: delivery.AliasBuilding,
}

// compareWords compares the words of the estate. Words that the file lacks are not counted: people teach them too.
func (p *planner) compareWords() {
	for _, r := range p.file.Words {
		if !p.read(&r.Origin) {
			continue
		}
		w := plannedWord{row: r}
		var changed, known bool
		if r.Kind == estatefile.LaneWord {
			known, changed = p.book.lane != "", p.book.lane != r.Text
		} else {
			key := address.Normal(r.Text)
			if key == "" {
				p.refuse(&r.Origin, "text", delivery.Refuse(delivery.ReasonBadValue))
				continue
			}
			if r.Kind == estatefile.BuildingWord {
				var refusal *delivery.Error
				if w.building, refusal = p.building(r.Building); refusal != nil {
					p.refuse(&r.Origin, "building", refusal)
					continue
				}
			}
			has := p.book.words[key]
			if known = has != nil; known {
				changed = has.Kind != aliasKinds[r.Kind] || has.BuildingUUID != nil && *has.BuildingUUID != p.buildingUUID(w.building)
			}
		}
		switch w.create = !known; {
		case !known:
			p.report.sheet(r.Origin.Kind).New++
			p.words = append(p.words, w)
		case p.judge(&r.Origin, changed):
			p.words = append(p.words, w)
		}
	}
}

// buildingUUID returns the id of a building of the book, "" if it is not saved yet.
func (p *planner) buildingUUID(key string) delivery.UUID {
	if b := p.book.buildings[key]; b != nil {
		return b.UUID
	}
	return ""
}

// wordsOutcome is the outcome of saving words.
type wordsOutcome struct{ dispatch.Outcome }

// saveWords saves the words of the estate in one transaction. The event of the community stands for them all.
func (i *importing) saveWords(ctx context.Context, p *savePlan) error {
	saved := i.wordsWithPlaces(p)
	if len(saved) == 0 {
		return nil
	}
	c := dispatch.Call{Actor: i.actor, Mutation: "importEstate", Community: i.community.Community}
	out, err := dispatch.Run(ctx, i.Engine, c, func(t *db.Tx, at time.Time, _ *wordsOutcome) (bool, error) {
		community, err := t.LockCommunityRow(ctx, i.community.Community)
		switch {
		case err != nil:
			return false, err
		case community.ArchivedAt != nil:
			return false, delivery.Refuse(dispatch.ReasonArchived)
		case community.Purged():
			return false, delivery.Refuse(dispatch.ReasonPurged)
		}
		t.Spend(delivery.QuotaRows, len(saved))
		if err := t.Decided(); err != nil {
			return false, err
		}
		lane, words := i.aliases(saved, at)
		if err := t.SaveLane(ctx, i.community.Community, lane); err != nil {
			return false, err
		}
		if err := t.SaveAliases(ctx, i.community.Community, words); err != nil {
			return false, err
		}
		return true, t.Append(ctx, i.community.Community, []*delivery.Event{delivery.NewEvent(delivery.CommunitySaved, i.actor, at, delivery.Keys{Community: i.community.Community}, nil)})
	})
	if err != nil {
		return err
	}
	for _, refusal := range out.UserErrors {
		return refusal
	}
	for _, w := range saved {
		if i.done++; w.create {
			i.sum(w.row.Origin.Kind).New++
		} else {
			i.sum(w.row.Origin.Kind).Changed++
		}
	}
	if i.options.Progress != nil {
		i.options.Progress(i.done, max(i.total, i.done))
	}
	return nil
}

// wordsWithPlaces returns the words to save whose buildings are saved. The others are compared again, or refused.
func (i *importing) wordsWithPlaces(p *savePlan) (out []plannedWord) {
	for _, w := range p.words {
		if w.row.Kind == estatefile.BuildingWord && i.book.buildings[w.building] == nil {
			i.refused(&w.row.Origin, delivery.Refuse(delivery.ReasonNoSuch, delivery.KindBuilding.String()))
			continue
		}
		out = append(out, w)
	}
	return out
}

// aliases returns the lane and the words to save.
func (i *importing) aliases(saved []plannedWord, at time.Time) (lane string, words []*delivery.AddressAlias) {
	lane = i.book.lane
	var by *delivery.UUID
	if i.actor.UUID != "" && i.actor.Role != delivery.RoleAdmin {
		by = &i.actor.UUID
	}
	for _, w := range saved {
		if w.row.Kind == estatefile.LaneWord {
			lane = w.row.Text
			continue
		}
		a := &delivery.AddressAlias{CommunityID: i.community.Community, UUID: dispatch.NewUUID(), Kind: aliasKinds[w.row.Kind], Text: w.row.Text, TextKey: address.Normal(w.row.Text),
			At: at, ByRole: i.actor.Role, ByUUID: by}
		if w.row.Kind == estatefile.BuildingWord {
			id := i.book.buildings[w.building].UUID
			a.BuildingUUID = &id
		}
		words = append(words, a)
	}
	return lane, words
}
