package db_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// lockedBefore maps the beginnings of statements that change several rows without an order to the reason why they cannot
// deadlock.
var lockedBefore = map[string]string{
	"update orders o set stage =":                  "lockOrders has locked them in id order",
	"update rounds r set ended_at":                 "EndIdleRounds has locked them in id order",
	"update holds set ended_at =":                  "LockHolds has locked them in id order",
	"with unbound as ( update accounts a":          "EndCodes: LockCodes, lockSessions and lockAccounts have locked them in id order",
	"update codes set ended_at = $3":               "EndAccess: LockCodesOf has locked them in id order",
	"with ended as ( update sessions s":            "EndSessionsOf: lockSessions and lockAccounts have locked them in id order",
	"with opened as (":                             "EndOfficials: lockAccounts has locked their accounts in id order",
	"update sessions set ended_at = $2 where id =": "lockSessions has locked them in id order",
	"update households h set address":              "SaveAddresses has locked them in id order",
	"delete from tokens where session_id":          "the clean-up has locked their sign-ins without waiting",
	"delete from sessions where id":                "the clean-up has locked them without waiting",
	"delete from tokens where hash":                "the clean-up has locked their sign-ins without waiting",
	"update tokens set replaces = null":            "the clean-up has locked their sign-ins without waiting",
	"for share of c":                               "LockCommunity locks one row",
	"for no key update of c":                       "LockCommunity locks one row",
	"select a.id, r.role, r.community_id, r.row_id, a.issuer, a.subject from roles r": "AccountOf: roles_row_taken lets one through",
	"insert into code_attempts as a":    "the orders are locked",
	"update orders o set bags = n.bags": "the orders are locked",
	", asked as ( select q.quota":       "part of Append: the counters of one account, in order of their quota, under the feed's lock",
	", answered as ( update calls":      "part of Append: one call",
	"insert into quotas as q (community_id, day, actor, quota, used) select f.community_id": "one counter",
	"update notices set ended_at":                        "LockCommunity has locked their community, or LockNotices the one",
	"with marked as (":                                   "LockNotices has locked their notices in id order",
	"update tasks k set state =":                         "LockTasks has locked them in id order",
	"update incidents i set state =":                     "LockIncidents or LockOpenIncidents has locked them in id order",
	"delete from arrival_orders":                         "LockArrivals has locked their arrival",
	"update arrival_orders set held = false":             "LockHolds has locked the hold of their arrival",
	"update arrival_orders set open = false":             "LockArrivals has locked their arrival",
	"update strays s set state":                          "LockStrays has locked them in id order",
	"insert into arrival_orders as x":                    "LockArrivals has locked their arrival",
	"insert into numbers as x":                           "one counter",
	"insert into targets as t":                           "LockCommunity has locked their community",
	"insert into scenarios as s":                         "one row",
	"delete from files where community_id = $1 and hash": "one file, by files_once",
	"select … from imports i":                            "LockImport locks one row",
	"update import_rows r set key":                       "LockImport has locked their import",
	"insert into address_aliases as w":                   "in the order of their texts",
	"delete from file_parts where community_id":          "no other transaction knows them",
	"update files f set":                                 "LockFiles or LockSameFile has locked them in id order",
	"insert into files":                                  "one file",
	"with counted as ( update order_windows":             "LockStock has locked the window and its offers",
	"delete from order_lines":                            "the order is locked",
	"update orders set total_fen":                        "the order is locked",
	"insert into city_releases as r":                     "in the order of delivery.CityFamilies",
	"insert into city_days":                              "LockCityReleases has locked the releases of the community",
	"delete from city_days":                              "LockCityReleases has locked the releases of the community",
	"update city_releases set at":                        "LockCityReleases has locked them",
	"insert into purses as p":                            "the order is locked",
	"update purses p set settled_at":                     "LockPurses has locked them in the order of their orders",
	"insert into errands as e":                           "the orders are locked",
	"update documents d set returned_at":                 "the orders are locked",
	"delete from shift_members":                          "LockCommunity has locked their community",
	"insert into shift_members as m":                     "LockCommunity has locked their community",
	"update volunteers v set reachable":                  "LockCommunity has locked their community",
	"update shifts set version":                          "LockCommunity has locked their community",
	"with taken as (":                                    "LockEnquiry has locked their enquiry",
	"select cast(day as text) from welfare_days":         "one row",
	"insert into welfare_days":                           "one row",
	"insert into demand_marks":                           "one row",
	"select coalesce(cast(demand_day":                    "one row",
	"update demand_marks":                                "one row",
	"select … from plans p":                              "one row",
	"insert into plans as p":                             "one row",
	"update plans set now_at":                            "one row",
	"delete from webhook_secrets":                        "LockWebhooks or LockAllWebhooks has locked their endpoints",
	"update webhook_secrets set ends_at":                 "LockWebhooks or LockAllWebhooks has locked their endpoints",
	"update webhook_parked set again_at":                 "LockWebhooks has locked their endpoints",
	"update webhooks set resending":                      "LockWebhooks has locked them in id order",
	"update webhooks set version":                        "LockWebhooks has locked them in id order",
	"delete from cursor_keys":                            "the table is locked",
	"update cursor_keys set retires_at":                  "the table is locked",
}

// oneRow lists the conditions under which a statement changes or locks at most one row.
var oneRow = regexp.MustCompile(`where (\w+\.)?(id|hash|selector|work) = \$\d|on conflict \(work\) do update|where community_id = :community_id( and id = :id)?$|` +
	`^(update (feeds|communities|order_numbers)|select true from runs|update drops|select cast\(day as text\) from feeds).* where community_id = \$\d|where community_id = \$1 and actor = \$2 and mutation = \$3 and client_mutation_id = \$4|` +
	`on conflict \((id|community_id, actor, mutation, client_mutation_id)\) do nothing|` +
	`update feeds set head`)

var (
	changes  = regexp.MustCompile(`(^|\W)(update [a-z_…]+ |delete from |on conflict )`)
	inOrder  = regexp.MustCompile(`order by [^()]+ (limit \S+ )?(for (no key )?(update|share)|…$)`)
	lockWord = regexp.MustCompile(`for (no key )?(update|share)`)
)

// Statements that lock the same rows in opposite orders deadlock. So every statement of this package that changes or locks
// several rows has an order, or is listed above with the earlier lock.
func TestEveryStatementLocksInOrder(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	seen := 0
	for at, text := range statements(t) {
		if !changes.MatchString(text) && !lockWord.MatchString(text) {
			continue
		}
		seen++
		if lockWord.MatchString(text) && inOrder.MatchString(text) || oneRow.MatchString(text) {
			continue
		}
		known := false
		for begins := range lockedBefore {
			if strings.HasPrefix(text, begins) {
				known, used[begins] = true, true
			}
		}
		if !known {
			t.Errorf("%s: changes or locks several rows in no order that the test knows: %s", at, text)
		}
	}
	if seen < 30 {
		t.Errorf("got %d statements that change or lock rows, want at least 30: the test does not see them", seen)
	}
	for begins := range lockedBefore {
		if !used[begins] {
			t.Errorf("no statement begins with %q any more", begins)
		}
	}
}

// statements returns the SQL texts in this package, with one space between words and … for parts that are not literals.
func statements(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	files := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		p, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(p, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, literal := joined(e)
			if !literal {
				return true
			}
			text = strings.ToLower(strings.Join(strings.Fields(text), " "))
			if strings.Contains(text, " ") {
				out[files.Position(n.Pos()).String()] = text
			}
			return false
		})
	}
	return out
}

// joined returns the text of a string literal, or of a concatenation with one.
func joined(e ast.Expr) (text string, literal bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.CallExpr: // of the clause that locks
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "locking" && len(e.Args) == 1 {
			text, literal := joined(e.Args[0])
			return " " + text, literal
		}
		return "", false
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, l := joined(e.X)
		right, r := joined(e.Y)
		if !l {
			left = "…"
		}
		if !r {
			right = "…"
		}
		return left + right, l || r
	}
	return "", false
}
