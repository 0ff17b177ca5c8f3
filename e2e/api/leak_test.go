package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"baogong/app"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// planted is a text stored somewhere in the estate, and its permitted readers: L the viewer by the link, R the resident,
// S the supplier of the resident's order, C the commander. An id is searched for only in answers to requests that do not name it.
type planted struct {
	what, text, readers string
	id                  bool
}

// leaky is a matrix in which every text names its field.
type leaky struct {
	*matrix
	schema  *ast.Schema
	planted []planted
	ids     []string          // of everything
	order   string            // of the resident, by the link, from the supplier
	held    []string          // buildings with a hold each
	readers map[string]string // their tokens
	read    map[string]bool   // by reader and text
}

// depth is how many objects deep the operations select, if the server takes them so deep.
const depth = 5

func newLeaky(t *testing.T) *leaky {
	t.Helper()
	m := newMatrix(t, func(s *app.ServerSettings) {
		s.QueryTokens, s.Complexity, s.Cost, s.CostBurst, s.BodyBytes = 1e6, 1<<60, 1<<50, 1<<50, 1<<24
	})
	x := &leaky{matrix: m, schema: house.ReadSchema(t), read: map[string]bool{}}
	boss := m.As("C01")
	m.Update(boss, "household",
		obj{"id": m.Homes["E6-1-1403"], "contactName": revealedName, "phone": revealedPhone, "needs": []string{"INFANT"}},
		obj{"id": m.Homes["E6-1-1303"], "contactName": "尉迟恭谨", "phone": "18811112222", "needs": []string{"PREGNANT"}},
		obj{"id": m.Homes["E7-1-1103"], "contactName": "司马晴岚", "phone": "15987654321", "needs": []string{"DIALYSIS"}})
	m.Update(boss, "volunteer", obj{"id": m.Team["S01"], "name": "诸葛青云", "phone": "15512340000", "homeOrganisation": "西陵税务分局"})
	m.Update(boss, "supplier", obj{"id": m.Suppliers["caiban"], "name": "菜伴商超", "phone": "18922223333"}, obj{"id": m.Suppliers["yiyao"], "name": "益药大药房"})
	m.Update(boss, "building", obj{"id": m.Buildings["E6"], "name": "东六栋", "accessNote": "门禁六六"}, obj{"id": m.Buildings["E7"], "name": "东七栋", "accessNote": "门禁七七"})
	placed := func(e *house.Estate, door, supplier, mark string) string {
		id := e.Place(door, obj{"supplierId": e.Suppliers[supplier], "note": "嘱咐" + mark, "externalNumber": "JD" + mark,
			"lines": []obj{{"item": "土豆" + mark, "quantity": 1, "unit": "袋", "unitPriceFen": 7}}})
		in := house.MoveTo("DISPATCHED", id)
		in["note"], in["deviceTime"] = "堵车"+mark, "2020-02-18T03:33:33Z"
		e.AdvanceAs(e.As("C01"), in)
		e.Undo(e.As("C01"), id)
		return id
	}
	x.order = placed(m.Estate, "E6-1-1403", "caiban", "本家")
	near, another := placed(m.Estate, "E6-1-1303", "caiban", "邻居"), placed(m.Estate, "E7-1-1103", "yiyao", "对楼")
	outer := placed(m.other, "E6-1-1203", "caiban", "外区")
	m.subject["own"]["o"] = x.order
	for home, reason := range map[string]string{"E6-1-1403": "回访本家", "E6-1-1303": "回访邻居"} {
		if c, refused := reveal(m.Estate, boss, obj{"householdId": m.Homes[home], "reason": reason}); c == nil {
			t.Fatal(refused)
		}
	}
	brought, foreign := m.subject["own"]["arrival"].(string), m.subject["another"]["arrival"].(string)
	m.SQL(fmt.Sprintf(`update arrivals set vehicle = '鄂E本家' where id = '%s'; update arrivals set vehicle = '鄂E对楼' where id = '%s'; update strays set label = '无名标签'`,
		house.UUID(t, brought), house.UUID(t, foreign)))
	x.ids = append(x.ids, brought, foreign, m.subject["own"]["stray"].(string))
	window, outside := m.subject["own"]["window"].(string), m.subject["elsewhere"]["window"].(string)
	x.ids = append(x.ids, window, outside, m.subject["own"]["package"].(string), m.subject["elsewhere"]["package"].(string))
	x.held = []string{m.Buildings["E6"], m.Buildings["E7"]}
	holds := slices.Concat(m.Hold(obj{"subjectIds": x.held[:1], "reason": "TESTING", "note": "核酸本楼"}), m.Hold(obj{"subjectIds": x.held[1:], "reason": "SEALED", "note": "核酸对楼"}))
	x.readers = map[string]string{"L": m.SignIn(m.Link(x.order)), "R": m.tokens["RESIDENT"], "S": m.tokens["SUPPLIER"], "C": boss}
	broken := m.Report(boss, obj{"kind": "DAMAGED", "subjectId": x.order, "note": "破损本家"})
	complaint := m.Report(m.As("E6-1-1403"), obj{"kind": "COMPLAINT", "subjectId": x.order, "note": "投诉本家"})
	m.Resolve(boss, "ANSWERED", "答复本家", complaint)
	nearBroken := m.Report(boss, obj{"kind": "DAMAGED", "subjectId": near, "note": "破损邻居"})
	anotherBroken := m.Report(boss, obj{"kind": "DAMAGED", "subjectId": another, "note": "破损对楼"})
	for _, e := range []*house.Estate{m.Estate, m.other} {
		for _, nouns := range []map[string]string{e.Buildings, e.Units, e.Homes, e.Suppliers, e.Team} {
			x.ids = append(x.ids, slices.Sorted(maps.Values(nouns))[:2]...)
		}
	}
	x.ids = append(x.ids, m.Community, m.other.Community, x.order, near, another, outer, m.Homes["E6-1-1403"], m.Homes["E6-1-1303"], m.Homes["E7-1-1103"],
		m.Buildings["E6"], m.Buildings["E7"], m.Units["E6-1"], m.Units["E7-1"], m.Suppliers["caiban"], m.Suppliers["yiyao"], m.Team["S01"], m.Team["C01"], holds[0], holds[1],
		broken, complaint, nearBroken, anotherBroken, m.subject["own"]["task"].(string))
	x.work(t, boss)
	slices.Sort(x.ids)
	x.ids = slices.Compact(x.ids)

	x.planted = append(x.planted, []planted{{"the order", x.order, "LRSC", true}, {"the order's building", "东六栋", "LRSC", false}, {"how it is entered", "门禁六六", "RSC", false},
		{"another building", "东七栋", "RSC", false}, {"how that is entered", "门禁七七", "RSC", false}, {"another building", m.Buildings["E7"], "RSC", true},
		{"the order's unit", m.Units["E6-1"], "RSC", true}, {"a volunteer", m.Team["S01"], "RSC", true}, {"who moved the order", m.Team["C01"], "RSC", false},
		{"the supplier", m.Suppliers["caiban"], "RSC", true}, {"its name", "菜伴商超", "RSC", false}, {"its phone", "189****3333", "RSC", false}, {"another's name", "益药大药房", "RSC", false},
		{"the volunteer's name", "诸**", "RSC", false}, {"and phone", "155****0000", "RSC", false}, {"who seconded the volunteer", "西陵税务分局", "C", false},
		{"the household", m.Homes["E6-1-1403"], "RSC", true}, {"its door", "E6-1-1403", "RSC", false}, {"its label", "E6-1-1403 · 5678", "RSC", false}, {"its name", "欧**", "RC", false}, {"its phone", "136****5678", "RC", false},
		{"its needs", "INFANT", "RC", false}, {"its handling", "DO_NOT_RING", "RC", false}, {"why a volunteer looked", "回访本家", "RC", false},
		{"what it asked", "嘱咐本家", "RSC", false}, {"its goods", "土豆本家", "RSC", false}, {"its number", "JD本家", "RSC", false}, {"a note of the team", "堵车本家", "C", false},
		{"a device's clock", "2020-02-18T03:33:33Z", "C", false}, {"a note of a hold", "核酸本楼", "C", false}, {"a hold on another building", holds[1], "C", true}, {"its note", "核酸对楼", "C", false},
		{"an incident", broken, "RSC", true}, {"its note", "破损本家", "C", false}, {"what the household reported", "投诉本家", "RC", false}, {"how it was answered", "答复本家", "C", false},
		{"a neighbour's incident", nearBroken, "SC", true}, {"its note", "破损邻居", "C", false}, {"another's incident", anotherBroken, "C", true}, {"its note", "破损对楼", "C", false},
		{"a task of the patrol", m.subject["own"]["task"].(string), "C", true}, {"what it says", "看看老人", "C", false}, {"how it ended", "没人应门", "C", false},
		{"a neighbour's order", near, "SC", true}, {"the neighbour", m.Homes["E6-1-1303"], "SC", true}, {"their door", "E6-1-1303", "SC", false}, {"their name", "尉**", "C", false}, {"their phone", "188****2222", "C", false},
		{"their needs", "PREGNANT", "C", false}, {"their handling", "CARRY_TO_KITCHEN", "C", false}, {"why a volunteer looked there", "回访邻居", "C", false},
		{"what they asked", "嘱咐邻居", "SC", false}, {"their goods", "土豆邻居", "SC", false}, {"their number", "JD邻居", "SC", false}, {"a note about them", "堵车邻居", "C", false},
		{"another supplier's order", another, "C", true}, {"its household", m.Homes["E7-1-1103"], "C", true}, {"its door", "E7-1-1103", "C", false}, {"its name", "司**", "C", false}, {"its phone", "159****4321", "C", false},
		{"its needs", "DIALYSIS", "C", false}, {"its handling", "HAND_OVER_IN_PERSON", "C", false}, {"what it asked", "嘱咐对楼", "C", false}, {"its goods", "土豆对楼", "C", false}, {"its number", "JD对楼", "C", false},
		{"what brought an order", "鄂E本家", "SC", false}, {"its driver", "136****0000", "SC", false}, {"what brought another supplier's", "鄂E对楼", "C", false}, {"a bag without an order", "无名标签", "C", false},
		{"an order window", window, "RSC", true}, {"an order window of another community", outside, "", true},
		{"an order of another community", outer, "", true}, {"what it asked", "嘱咐外区", "", false}, {"its goods", "土豆外区", "", false}, {"its number", "JD外区", "", false}, {"a note about it", "堵车外区", "", false}}...)
	for _, whole := range []string{revealedName, revealedPhone, "尉迟恭谨", "18811112222", "司马晴岚", "15987654321", "诸葛青云", "15512340000", "18922223333"} {
		x.planted = append(x.planted, planted{"a name or a phone, whole", whole, "", false})
	}
	return x
}

// work plants what the phone desk, errands, money, notices, shifts and webhooks write.
func (x *leaky) work(t *testing.T, boss string) {
	t.Helper()
	plant := func(what, text, readers string) { x.planted = append(x.planted, planted{what, text, readers, false}) }
	home, neighbour := x.Homes["E6-1-1403"], x.Homes["E6-1-1303"]
	for _, c := range []struct {
		what, by, text, readers string
		in                      obj
	}{
		{"what the household asked on the page", x.As("E6-1-1403"), "来信本家", "RC", obj{"householdId": home, "way": "APP"}},
		{"what was noted of its call", boss, "来电本家", "C", obj{"householdId": home, "phone": "13344445555", "answer": "回答本家"}},
		{"what was noted of a neighbour's call", boss, "来电邻居", "C", obj{"householdId": neighbour, "phone": "13366667777", "answer": "回答邻居"}},
		{"what an unknown caller asked", boss, "来电陌生", "C", obj{"phone": "13388889999", "answer": "回答陌生"}},
	} {
		c.in["text"] = c.text
		x.ids = append(x.ids, x.Enquiry(c.by, c.in))
		plant(c.what, c.text, c.readers)
		if c.in["answer"] != nil {
			phone := c.in["phone"].(string)
			plant("the answer", c.in["answer"].(string), "C")
			plant("the number to call back", phone[:3]+"****"+phone[7:], "C")
			plant("that number, whole", phone, "")
		}
	}
	for _, c := range []struct {
		home, mark, document, readers string
		fen                           int
	}{{home, "本家", "BANK_BOOK", "RC", 765432}, {neighbour, "邻居", "ID_CARD", "C", 876543}} {
		order := x.PlaceAs(boss, obj{"householdId": c.home, "channel": "ERRAND", "errandKind": "HOSPITAL", "takerId": x.Team["S01"], "lines": []obj{{"item": "取药" + c.mark, "quantity": 1, "unit": "次"}}})
		_, path := put(t, x.Program, boss, photoOf(t, 20, len(c.document)))
		receipt := strings.TrimPrefix(path, "/files/")
		x.Must(boss, `mutation ($o: ID!, $k: DocumentKind!, $a: String!, $f: Fen!, $p: ID!) {
			takeDocuments(input: { orderId: $o, kinds: [$k] }) { userErrors { message } }
			answerErrand(input: { orderId: $o, answer: $a }) { userErrors { message } }
			recordMoney(input: { orderId: $o, entries: [{ kind: IN, party: HOUSEHOLD, amountFen: $f, receiptPhotoId: $p }] }) { results { userErrors { message } } userErrors { message } }
		}`, obj{"o": order, "k": c.document, "a": "药量" + c.mark, "f": c.fen, "p": receipt}, &struct{}{})
		x.ids = append(x.ids, order)
		plant("an errand", "取药"+c.mark, c.readers)
		plant("its answer", "药量"+c.mark, c.readers)
		plant("a document that was carried for it", `"`+c.document+`"`, c.readers)
		plant("what was paid for it", fmt.Sprint(c.fen), c.readers)
		plant("the receipt", receipt, c.readers)
	}
	for _, c := range []struct {
		what, title, readers string
		in                   obj
	}{
		{"a notice to the building", "通知六栋", "RC", obj{"buildingIds": []string{x.Buildings["E6"]}}},
		{"a notice to another building", "通知七栋", "C", obj{"buildingIds": []string{x.Buildings["E7"]}}},
		{"a notice to suppliers", "通知供货", "SC", obj{"households": false, "suppliers": true}},
		{"a notice to a squad", "通知巡逻", "C", obj{"households": false, "squads": []string{"PATROL"}}},
	} {
		c.in["communityId"], c.in["kind"], c.in["title"], c.in["body"] = x.Community, "NOTICE", c.title, "详见"+c.title
		var got struct {
			PublishNotice struct{ Notice struct{ ID string } }
		}
		x.Must(boss, `mutation ($i: PublishNoticeInput!) { publishNotice(input: $i) { notice { id } userErrors { message } } }`, obj{"i": c.in}, &got)
		x.ids = append(x.ids, got.PublishNotice.Notice.ID)
		plant(c.what, c.title, c.readers)
	}
	x.ids = append(x.ids, x.Shift("DUTY", time.Hour, x.Team["D01"]))
	plant("where a shift stands", "南门", "C")
	for _, c := range []struct{ what, name, supplier, readers string }{
		{"a supplier's webhook", "推送菜伴", "caiban", "SC"}, {"another supplier's", "推送益药", "yiyao", "C"}, {"the community's", "推送小区", "", "C"},
	} {
		in := obj{"communityId": x.Community, "webhooks": []obj{{"name": c.name, "url": "https://hooks.example/", "off": true}}}
		if c.supplier != "" {
			in["supplierId"] = x.Suppliers[c.supplier]
		}
		x.Must(boss, `mutation ($in: SetWebhooksInput!) { setWebhooks(input: $in) { userErrors { message } results { userErrors { message } } } }`, obj{"in": in}, &struct{}{})
		plant(c.what, c.name, c.readers)
	}
}

// check searches an answer for texts that the reader may not read.
func (x *leaky) check(t *testing.T, reader, asked string, answer []byte, named bool) {
	t.Helper()
	for _, p := range x.planted {
		switch at := strings.Index(string(answer), p.text); {
		case at < 0 || (p.id && named):
		case strings.Contains(p.readers, reader):
			x.read[reader+p.text] = true
		case !x.read[reader+p.text]:
			x.read[reader+p.text] = true // to be reported once
			t.Errorf("%s was shown %s (%s) by %s: …%s", reader, p.what, p.text, asked, answer[max(0, at-200):min(len(answer), at+40)])
		}
	}
}

// TestNothingLeaks selects every field at every depth, and opens every subscription, as viewers outside the team: no answer, event or
// error contains a text that they may not read. Two controls: the commander finds every text, and each viewer finds their own.
func TestNothingLeaks(t *testing.T) {
	volume.OnlyInCI(t)
	t.Parallel()
	x := newLeaky(t)
	communities, start := []string{x.Community, x.other.Community}, x.Cursor()
	for _, f := range x.schema.Query.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		selection, fragments := deepest(x.schema, f, depth)
		for _, call := range calls(t, f, communities, x.ids, start) {
			for reader, token := range x.readers {
				body, err := json.Marshal(obj{"query": "{ " + call + selection + " }\n" + fragments})
				if err != nil {
					t.Fatal(err)
				}
				_, text, err := x.Send(t.Context(), token, body)
				if err != nil || strings.Contains(string(text), "GRAPHQL_") || strings.Contains(string(text), "COMPLEXITY") {
					t.Fatalf("%s: %v %.400s", call, err, text)
				}
				x.check(t, reader, call, text, false)
			}
		}
	}
	x.watch(t, communities, start)
	for _, p := range x.planted {
		for _, reader := range p.readers {
			if !x.read[string(reader)+p.text] {
				t.Errorf("%c never found %s (%s), which is theirs to read", reader, p.what, p.text)
			}
		}
	}
	x.act(t)
}

// watch opens every subscription while the order moves and is held and released.
func (x *leaky) watch(t *testing.T, communities []string, start string) {
	t.Helper()
	type stream struct {
		reader, asked string
		in            *house.Inbox
	}
	var streams []stream
	for reader, token := range x.readers {
		p := x.Dial(t, token, "")
		for _, f := range x.schema.Subscription.Fields {
			selection, fragments := deepest(x.schema, f, depth)
			for _, call := range calls(t, f, communities, x.ids, start) {
				streams = append(streams, stream{reader, call, p.Operate("subscription { "+call+selection+" }\n"+fragments, nil)})
			}
		}
	}
	boss := x.As("C01")
	for _, b := range x.held {
		x.Release(b)
	}
	x.Hold(obj{"subjectIds": []string{x.order}, "reason": "OTHER", "note": "核酸本楼"})
	x.Release(x.order)
	in := house.MoveTo("DISPATCHED", x.order)
	in["note"] = "堵车本家"
	x.AdvanceAs(boss, in)
	x.Undo(boss, x.order)
	last := fmt.Sprintf(`_version":%d,`, x.Estate.Order(boss, x.order).Version)
	for _, s := range streams {
		for more := true; more; {
			m := s.in.Take()
			if strings.Contains(string(m.Payload), "COMPLEXITY") {
				t.Fatalf("%s: %.400s", s.asked, m.Payload)
			}
			x.check(t, s.reader, s.asked, m.Payload, false)
			// Subscriptions that show the order are read up to its last change.
			more = m.Type == "next" && !strings.HasPrefix(s.asked, "board") && !strings.HasPrefix(s.asked, "alerts") && strings.Contains(string(m.Payload), x.order) && !strings.Contains(string(m.Payload), last)
			more = more || (strings.HasPrefix(s.asked, "orderEvents") && m.Type == "next" && !strings.Contains(string(m.Payload), x.order))
		}
	}
}

// refusedAnswer finds a refusal of the whole call in an answer, or of its only item.
var refusedAnswer = regexp.MustCompile(`^\{"errors":|"[A-Za-z]*_?userErrors":\[\{`)

// act sends every mutation and selects its whole payload.
func (x *leaky) act(t *testing.T) {
	t.Helper()
	for _, r := range rootRows {
		noun, name, _ := strings.Cut(r.field, ".")
		if noun != "Mutation" || name == "signOut" {
			continue
		}
		ask, _, _ := strings.Cut(r.ask, "}) {")
		selection, fragments := deepest(x.schema, x.schema.Mutation.Fields.ForName(name), depth)
		r.ask = ask + "})" + selection
		for _, subject := range []string{"own", "another", "elsewhere"} {
			s := &stage{m: x.matrix, field: r.field, subject: subject}
			for reader, token := range x.readers {
				if reader == "C" {
					continue
				}
				_, text, in := r.document(s.next())
				body, err := json.Marshal(obj{"query": text + "\n" + fragments, "variables": in})
				if err != nil {
					t.Fatal(err)
				}
				_, answer, err := x.Send(t.Context(), token, body)
				if err != nil || strings.Contains(string(answer), "GRAPHQL_") || strings.Contains(string(answer), "COMPLEXITY") {
					t.Fatalf("%s: %v %.400s", text, err, answer)
				}
				x.check(t, reader, r.ask, answer, true)
				s.done(refusedAnswer.Match(answer))
			}
			s.end()
		}
	}
}
