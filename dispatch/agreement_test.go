package dispatch_test

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"baogong/db/dbtest"
	"baogong/delivery"
	"baogong/resolvers"
)

// The words of the rules stand in three places: delivery's lists, the schema's enums and the database's checks.
func TestTheRulesTheSchemaAndTheDatabaseAgree(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: resolvers.Contract()})
	if err != nil {
		t.Fatal(err)
	}
	checks := constraints(t)
	reasons := []delivery.MoveReason{delivery.MoveCalledOff} // which no caller gives
	for _, of := range delivery.MoveReasons {
		reasons = append(reasons, of...)
	}
	for _, c := range []struct {
		enum   string   // of the schema, empty if clients never see it
		words  []string // of the rules
		checks []string // of the database
	}{
		{"Stage", texts(delivery.Stages), []string{"orders_stage_known"}},
		{"Channel", texts(delivery.Channels), []string{"orders_channel_known"}},
		{"Role", append(texts(delivery.Roles), string(delivery.RoleSystem)), nil},
		{"", acting(), []string{"orders_placed_by_known", "orders_moved_by_known", "holds_placed_by_known", "events_by_known"}},
		{"", []string{"ADMIN", "COMMANDER", "LEAD", "VOLUNTEER"}, []string{"reveals_by_known"}}, // whom Actor.CanReveal lets
		{"ExportNoun", texts(delivery.ExportNouns), []string{"exports_noun_known"}},
		{"ExportFormat", texts(delivery.ExportFormats), []string{"exports_format_known"}},
		{"", []string{"ADMIN", "COMMANDER", "LEAD", "VOLUNTEER", "SUPPLIER", "RESIDENT"}, []string{"exports_by_known"}}, // whom delivery.NewExport lets
		{"Squad", texts(delivery.Squads), []string{"volunteers_squad_known", "shifts_squad_known"}},
		{"Squad", texts(delivery.Squads), []string{"tasks_squad_known"}},
		{"Squad", texts(delivery.Squads), []string{"notices_squads_known"}},
		{"NoticeKind", texts(delivery.NoticeKinds), []string{"notices_kind_known"}},
		{"ClosureLevel", texts(delivery.ClosureLevels), []string{"notices_level_known"}},
		{"", []string{"ADMIN", "COMMANDER", "LEAD"}, []string{"notices_published_by_known"}},              // whom Actor.CanPublish lets
		{"", []string{"ADMIN", "COMMANDER", "LEAD", "VOLUNTEER"}, []string{"notice_reach_told_by_known"}}, // the team
		{"TaskKind", texts(delivery.TaskKinds), []string{"tasks_kind_known"}},
		{"TaskState", texts(delivery.TaskStates), []string{"tasks_state_known"}},
		{"", []string{"ADMIN", "COMMANDER", "LEAD", "VOLUNTEER", "SYSTEM"}, []string{"tasks_created_by_known"}}, // the team, and the clock for it
		{"", []string{"ADMIN", "COMMANDER", "LEAD", "VOLUNTEER"}, []string{"tasks_ended_by_known"}},             // whom Task.CanEnd lets
		{"Rank", texts([]delivery.Rank{delivery.RankMember, delivery.RankLead, delivery.RankCommander}), []string{"volunteers_rank_known"}},
		{"Duty", texts([]delivery.Duty{delivery.DutyPrimary, delivery.DutyBackup}), []string{"services_duty_known"}},
		{"Need", texts(delivery.AllNeeds), []string{"households_needs_known"}},
		{"ArrivalState", texts(delivery.ArrivalStates), []string{"arrivals_state_known"}},
		{"StrayState", texts(delivery.StrayStates), []string{"strays_state_known"}},
		{"HoldReason", texts(delivery.HoldReasons), []string{"holds_reason_known"}},
		{"SupplierKind", texts([]delivery.SupplierKind{delivery.SupplierShop, delivery.SupplierPlatform, delivery.SupplierPharmacy, delivery.SupplierPackage}),
			[]string{"suppliers_kind_known"}},
		{"WindowState", texts(delivery.WindowStates), nil},
		{"DemandKind", texts(delivery.DemandKinds), []string{"demand_days_kind_known"}},
		{"", []string{"ALL", "BUILDING", "ITEM", "BUILDING_ITEM"}, []string{"forecasts_kind_known"}}, // no channels
		{"", texts(delivery.Channels), []string{"demand_days_channel_known"}},
		{"ForecastMethod", texts(delivery.ForecastMethods), nil},
		{"", []string{"KNOWN", "MEAN", "SHARED", "FEW", "UP_TO"}, []string{"forecasts_method_known"}}, // what is made; YESTERDAY is shown instead
		{"ShiftState", texts(delivery.ShiftStates), []string{"shift_members_state_known"}},
		{"", []string{string(delivery.WindowConfirmed), string(delivery.WindowCalledOff)}, []string{"order_windows_decision_known"}},
		{"EnquiryKind", texts(delivery.EnquiryKinds), []string{"enquiries_kind_known"}},
		{"EnquiryWay", texts(delivery.EnquiryWays), []string{"enquiries_way_known"}},
		{"EnquiryState", texts(delivery.EnquiryStates), []string{"enquiries_state_known"}},
		{"EnquiryOutcome", texts(delivery.EnquiryOutcomes), []string{"enquiries_outcome_known"}},
		{"ConsentBy", texts(delivery.Consents), []string{"orders_consent_known"}},
		{"Substitute", texts(delivery.Substitutes), []string{"order_lines_substitute_known"}},
		{"OrderEventKind", texts(delivery.OrderEventKinds()), nil},
		{"ActivityKind", texts(delivery.ActivityKinds()), nil},
		{"MoveReason", texts(reasons), nil},
		{"MoveKind", texts([]delivery.MoveKind{delivery.MoveForward, delivery.MoveFailed, delivery.MoveCancel, delivery.MoveReturn}), nil},
		{"Post", texts([]delivery.Post{delivery.PostNone, delivery.PostSupplier, delivery.PostTaker, delivery.PostGate, delivery.PostSorting,
			delivery.PostTransport, delivery.PostBuilding, delivery.PostHousehold}), nil},
		{"ErrorCode", texts([]delivery.Code{delivery.CodeUnauthenticated, delivery.CodeForbidden, delivery.CodeNotFound, delivery.CodeBadUserInput, delivery.CodeConflict,
			delivery.CodeHeld, delivery.CodeResyncRequired, delivery.CodeRateLimited, delivery.CodeUnavailable, delivery.CodeInternal}), nil},
		{"", final(), []string{"orders_final_has_no_holder"}},
		{"", errands(), []string{"orders_supplier_needed", "orders_taker_fits"}},
	} {
		want := set(c.words)
		if c.enum != "" {
			def := schema.Types[c.enum]
			if def == nil || def.Kind != ast.Enum {
				t.Errorf("the schema has no enum %s", c.enum)
				continue
			}
			var got []string
			for _, v := range def.EnumValues {
				got = append(got, v.Name)
			}
			if got = set(got); !slices.Equal(got, want) {
				t.Errorf("enum %s: got %v, want %v", c.enum, got, want)
			}
		}
		for _, name := range c.checks {
			if got := set(quoted.FindAllString(checks[name], -1)); !slices.Equal(got, want) {
				t.Errorf("constraint %s: got %v, want %v (%s)", name, got, want, checks[name])
			}
		}
	}
	known := regexp.MustCompile(`^[A-Z_]{1,40}$`)
	for _, k := range delivery.EventKinds() {
		if !known.MatchString(string(k)) {
			t.Errorf("the database refuses events of kind %s", k)
		}
	}
	for _, k := range delivery.OrderEventKinds() {
		if !slices.Contains(delivery.EventKinds(), k) {
			t.Errorf("%s is missing from the kinds of event", k)
		}
	}
}

var quoted = regexp.MustCompile(`'[A-Z_]+'`)

// constraints are the definitions of the database's checks, by name.
func constraints(t *testing.T) map[string]string {
	t.Helper()
	conn, err := sql.Open("postgres", dbtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	rows, err := conn.QueryContext(t.Context(), `select conname, pg_get_constraintdef(oid) from pg_constraint where contype = 'c'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			t.Fatal(err)
		}
		out[name] = definition
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// acting are the roles that rows and events can name.
func acting() []string {
	out := []string{string(delivery.RoleSystem)}
	for _, r := range delivery.Roles {
		if r.Acts() {
			out = append(out, string(r))
		}
	}
	return out
}

func final() (out []string) {
	for _, s := range delivery.Stages {
		if s.Final() {
			out = append(out, string(s))
		}
	}
	return out
}

func errands() (out []string) {
	for _, c := range delivery.Channels {
		if c.RunByVolunteer() {
			out = append(out, string(c))
		}
	}
	return out
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// set sorts the words, drops their quotes and those that are there twice.
func set(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.Trim(w, "'")
	}
	slices.Sort(out)
	return slices.Compact(out)
}
