package delivery_test

import (
	"strings"
	"testing"
	"time"

	"baogong/delivery"
)

var (
	lead      = delivery.Actor{Role: "LEAD", Community: community, UUID: "01926f3e-7c1a-7000-8000-0000000000a2", Squad: "DUTY"}
	otherLead = delivery.Actor{Role: "LEAD", Community: community, UUID: "01926f3e-7c1a-7000-8000-0000000000a3", Squad: "SUPPLY"}
	neighbour = delivery.Actor{Role: "VOLUNTEER", Community: community, UUID: "01926f3e-7c1a-7000-8000-0000000000a4", Squad: "SUPPLY", Buildings: []delivery.UUID{here}}
	stranger  = delivery.Actor{Role: "VOLUNTEER", Community: community, UUID: "01926f3e-7c1a-7000-8000-0000000000a5", Squad: "SUPPLY"}
)

func incident(kind delivery.IncidentKind, severity delivery.Severity) (*delivery.Incident, time.Time) {
	at := time.Date(2020, 2, 18, 9, 0, 0, 0, time.UTC)
	o := standing("AT_GATE", "APP")
	i := delivery.NewIncident(kind, o.OrderID(), o.Keys())
	i.Severity = severity
	i.Open(neighbour, at)
	return i, at
}

func TestIncidentRises(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		severity delivery.Severity
		after    time.Duration
		want     delivery.EscalationLevel
		next     time.Duration // 0: it rises no more
	}{
		"at once":                             {"NORMAL", 0, "VOLUNTEER", 30 * time.Minute},
		"before 30 minutes":                   {"NORMAL", 29 * time.Minute, "VOLUNTEER", 30 * time.Minute},
		"to the lead after 30 minutes":        {"LOW", 30 * time.Minute, "LEAD", 60 * time.Minute},
		"to command after 60 minutes":         {"NORMAL", 60 * time.Minute, "COMMAND", 0},
		"past a level that the clock missed":  {"NORMAL", 5 * time.Hour, "COMMAND", 0},
		"an urgent one begins at the lead":    {"HIGH", 59 * time.Minute, "LEAD", 60 * time.Minute},
		"an urgent one to command after 60":   {"HIGH", time.Hour, "COMMAND", 0},
		"an urgent one that was just created": {"HIGH", 0, "LEAD", 60 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, at := incident("SHORT", c.severity)
			before := i.Level
			e := i.Rise(delivery.System(community), at.Add(c.after))
			if i.Level != c.want || (e != nil) != (before != c.want) {
				t.Errorf("got %s, an event: %t; want %s", i.Level, e != nil, c.want)
			}
			if got := i.RisesAt; (got == nil) != (c.next == 0) || got != nil && !got.Equal(at.Add(c.next)) {
				t.Errorf("it rises at %v, want %s after it was opened", got, c.next)
			}
		})
	}
}

func TestIncidentTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, actor delivery.Actor // who took it before, if any
		after        time.Duration
		want         string
	}{
		"a member who sees it":                       {delivery.Actor{}, neighbour, 0, ""},
		"a member of another building":               {delivery.Actor{}, stranger, 0, "NO_SUCH"},
		"a member, once it is for the lead":          {delivery.Actor{}, neighbour, 30 * time.Minute, "BELOW_LEVEL"},
		"a lead, once it is for the lead":            {delivery.Actor{}, lead, 30 * time.Minute, ""},
		"a lead, once it is for command":             {delivery.Actor{}, lead, time.Hour, "BELOW_LEVEL"},
		"the commander":                              {delivery.Actor{}, commander, time.Hour, ""},
		"the household":                              {delivery.Actor{}, delivery.Actor{Role: "RESIDENT", Community: community, UUID: standing("PLACED", "APP").HouseholdUUID}, 0, "NOT_YOURS"},
		"an administrator, who is not of the team":   {delivery.Actor{}, delivery.Actor{Role: "ADMIN", UUID: "01926f3e-7c1a-7000-8000-0000000000a9"}, 0, "NOT_YOURS"},
		"the owner again":                            {lead, lead, 0, ""},
		"a lead after a member":                      {neighbour, lead, 0, ""},
		"a lead after another lead":                  {lead, otherLead, 0, "INCIDENT_TAKEN"},
		"a member after a lead":                      {lead, neighbour, 0, "INCIDENT_TAKEN"},
		"the commander after a lead":                 {lead, commander, 0, ""},
		"the owner, after it rose above their level": {neighbour, neighbour, time.Hour, "BELOW_LEVEL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, at := incident("SHORT", "NORMAL")
			if c.first.SignedIn() {
				if _, refusal := i.Take(c.first, at); refusal != nil {
					t.Fatal(refusal)
				}
			}
			i.Rise(delivery.System(community), at.Add(c.after))
			_, refusal := i.Take(c.actor, at.Add(c.after))
			if got := reasonOf(refusal).String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want == "" && (i.State != "TAKEN" || *i.OwnerUUID != c.actor.UUID) {
				t.Errorf("got %s by %v, want it taken by %s", i.State, i.OwnerUUID, c.actor.UUID)
			}
		})
	}
}

func TestIncidentResolve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind  delivery.IncidentKind
		actor delivery.Actor
		taken bool // by the neighbour
		want  string
	}{
		"its owner":                       {"SHORT", neighbour, true, ""},
		"a member who is not its owner":   {"SHORT", neighbour, false, "NOT_YOURS"},
		"a member of another building":    {"SHORT", stranger, false, "NO_SUCH"},
		"a lead":                          {"SHORT", lead, false, ""},
		"a lead, of what a member took":   {"SHORT", lead, true, ""},
		"the commander":                   {"COMPLAINT", commander, false, ""},
		"a member who is missed, by hand": {"NO_SHOW", commander, false, "CLOSES_ITSELF"},
		"a late order, by hand":           {"LATE", commander, false, "CLOSES_ITSELF"},
		"an uncovered building, by hand":  {"UNCOVERED", lead, false, "CLOSES_ITSELF"},
		"a stray that is open, by hand":   {"STRAY", lead, false, "CLOSES_ITSELF"},
		"the household, of its own order": {"SHORT", delivery.Actor{Role: "RESIDENT", Community: community, UUID: standing("PLACED", "APP").HouseholdUUID}, false, "NOT_YOURS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i, at := incident(c.kind, "NORMAL")
			if c.taken {
				if _, refusal := i.Take(neighbour, at); refusal != nil {
					t.Fatal(refusal)
				}
			}
			_, refusal := i.Resolve(c.actor, "FOUND", "在另一辆车上", at.Add(time.Minute))
			if got := reasonOf(refusal).String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if resolved := i.Resolved(); resolved != (c.want == "") || resolved && i.RisesAt != nil {
				t.Errorf("resolved: %t, rises at %v", resolved, i.RisesAt)
			}
			if c.want == "" {
				if _, again := i.Resolve(c.actor, "FOUND", "", at.Add(time.Hour)); reasonOf(again).String() != "INCIDENT_RESOLVED" {
					t.Errorf("again: got %v, want INCIDENT_RESOLVED", again)
				}
			}
		})
	}
}

// No event of an incident has a note.
func TestEventsOfIncidentsHaveNoNote(t *testing.T) {
	t.Parallel()
	i, at := incident("OTHER", "NORMAL")
	i.Note = "门口有狗"
	e, refusal := i.Resolve(commander, "ANSWERED", "电话已答复", at)
	if refusal != nil {
		t.Fatal(refusal)
	}
	text, err := e.MarshalBody()
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range []string{i.Note, i.ResolutionNote} {
		if strings.Contains(text, note) {
			t.Errorf("the event has the note: %s", text)
		}
	}
}

func TestEveryIncidentWordHasBothLanguages(t *testing.T) {
	t.Parallel()
	kinds, severities, levels, states, resolutions := delivery.IncidentWords()
	check := func(n int, words []delivery.Bilingual, what string) {
		if n != len(words) {
			t.Errorf("%s: got %d words for %d values", what, len(words), n)
		}
		for _, w := range words {
			if w.Chinese == "" || w.English == "" {
				t.Errorf("%s: %+v lacks a language", what, w)
			}
		}
	}
	check(len(delivery.IncidentKinds), of(delivery.IncidentKinds, kinds), "kinds")
	check(len(delivery.Severities), of(delivery.Severities, severities), "severities")
	check(len(delivery.EscalationLevels), of(delivery.EscalationLevels, levels), "levels")
	check(len(delivery.IncidentStates), of(delivery.IncidentStates, states), "states")
	check(len(delivery.Resolutions), of(delivery.Resolutions, resolutions), "resolutions")
}

// of returns the words of the values.
func of[T comparable](values []T, words map[T]delivery.Bilingual) []delivery.Bilingual {
	var out []delivery.Bilingual
	for _, v := range values {
		if w, ok := words[v]; ok {
			out = append(out, w)
		}
	}
	return out
}
