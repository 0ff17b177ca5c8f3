package delivery

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestChinese says every refusal in Chinese, with what the code fills in, fresh and as it comes back from a stored
// outcome, and finds no English word.
func TestChinese(t *testing.T) {
	t.Parallel()
	noon := time.Date(2020, 2, 18, 4, 0, 0, 0, time.UTC)
	var refusals []*Error
	add := func(r Reason, args ...any) { refusals = append(refusals, Refuse(r, args...)) }
	for kind := range kindNames {
		add(ReasonNoSuch, kind.String())
		add(ReasonWrongKind, kind.String(), KindOrder.String())
	}
	add(ReasonNoSuch, Kind(0).String())
	for _, from := range Stages {
		add(ReasonFinalStage, from)
		add(ReasonStageChanged, from)
		for _, to := range Stages {
			add(ReasonIllegalMove, from, to)
			add(ReasonNotYourMove, from, to)
		}
	}
	for _, list := range MoveReasons {
		for _, r := range list {
			add(ReasonWrongReason, r)
		}
	}
	for _, why := range []string{BodyCutShort, BodyNotUTF8, BodyNotJSON, BodyNotObject, BodyGoesOn, BodyTooDeep, BodyTooMany, BodyHalfCharacter, BodyNoDocuments, BodyNoQuery} {
		add(ReasonBadBody, why)
	}
	for _, member := range []string{"query", "operationName", "variables", "extensions"} {
		add(ReasonBadMember, member)
	}
	for r, args := range map[Reason][]any{
		ReasonUnknownActor: {"王秀英"}, ReasonMalformedID: {"7号"}, ReasonTooMany: {MaxBulk, 1001}, ReasonTooLong: {MaxNote, 501},
		ReasonTooManyBytes: {MaxCallKey, 65}, ReasonOutOfRange: {0, MaxTotalFen}, ReasonBadTimeZone: {"东八区"}, ReasonTimeForm: {"明天"}, ReasonQuantityDecimals: {"两斤"},
		ReasonBadPage: {"first", MaxPage, 500}, ReasonNeedsReason: {Edge{Kind: MoveCancel}.reasonList()}, ReasonNoSuchCommunity: {"东辰"}, ReasonVersionChanged: {int64(7)}, ReasonHeld: {noon.Format(time.RFC3339)}, ReasonTaken: {"E6-1-1203"},
		ReasonManyHolds: {MaxHolds}, ReasonManyLinks: {MaxLinks}, ReasonQuota: {int64(30), QuotaOrders}, ReasonRevealsSpent: {OwnReveals}, ReasonTooLarge: {int64(1 << 20)}, ReasonTooManyStreams: {100}, ReasonTooSlow: {30},
		ReasonTooDeep: {20, 12}, ReasonTooManyFields: {50}, ReasonTooCostly: {20001, 20000}, ReasonTooFast: {3}, ReasonTooManyGuesses: {7}, ReasonOneOf: {"householdIds", "buildingId"}, ReasonTooManyYours: {64},
		ReasonWhichOperation: {2}, ReasonNoSuchOperation: {"订单"}, ReasonTooManyWatches: {64}, ReasonTooMuchWatched: {65536},
	} {
		add(r, args...)
	}
	said := map[Reason]bool{}
	for _, e := range refusals {
		said[e.Reason] = true
	}
	for _, r := range reasons(t) {
		if !said[r] {
			if strings.Contains(sentences[r].zh, "%") {
				t.Errorf("%s: what fills it in is not tried here", r)
			}
			add(r)
		}
	}

	// Names of the interface itself, which are the same in every language.
	names := strings.NewReplacer("first", "", "last", "", "feedCursor", "", "clientMutationId", "", "householdIds", "", "buildingId", "", "WebSocket", "", "graphql-transport-ws", "",
		"text/event-stream", "", "application/graphql-response+json", "", "application/json", "", "Content-Encoding", "", "identity", "", "Asia/Shanghai", "", "@defer", "",
		"“Authorization: Bearer …”", "", "Bearer dev:NAME", "", "Bearer dev:C01", "", "Bearer", "", "?query=", "", "“query”", "", "“operationName”", "", "“variables”", "", "“extensions”", "", "localhost", "", "operationName", "", `\uD83D`, "")
	english := regexp.MustCompile(`[a-z]+|[A-Z]+_[A-Z_]+|%!`)
	for _, e := range refusals {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var stored Error
		if err := json.Unmarshal(b, &stored); err != nil {
			t.Fatal(err)
		}
		for _, e := range []*Error{e, &stored} {
			message := e.Message(Chinese)
			if word := english.FindString(names.Replace(message)); word != "" {
				t.Errorf("%s: got %q with %q in it", e.Reason, message, word)
			}
			for _, stage := range Stages {
				if strings.Contains(message, string(stage)) {
					t.Errorf("%s: got %q, want %s in Chinese", e.Reason, message, stage)
				}
			}
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	t.Run("of every enum that messages name", func(t *testing.T) {
		t.Parallel()
		var all []string
		for _, s := range Stages {
			all = append(all, string(s))
		}
		for _, r := range HoldReasons {
			all = append(all, string(r))
		}
		for _, list := range MoveReasons {
			for _, r := range list {
				all = append(all, string(r))
			}
		}
		for _, c := range Channels {
			all = append(all, string(c))
		}
		for _, word := range all {
			if words[word] == "" {
				t.Errorf("%s has no word", word)
			}
		}
	})
	for want, e := range map[string]*Error{
		"订单处于“已下单”环节，不能移到“已入户”。": Refuse(ReasonIllegalMove, Placed, Delivered),
		"找不到该住户。":                        Refuse(ReasonNoSuch, KindHousehold.String()),
		"这是小区的编号，此处需要订单的编号。":             Refuse(ReasonWrongKind, KindCommunity.String(), KindOrder.String()),
		"无法读取请求内容：不是 JSON。":              Refuse(ReasonBadBody, BodyNotJSON),
		"此操作必须填写原因：家中无人、无法进入、住户拒收、联系不上。": Refuse(ReasonNeedsReason, Edge{Kind: MoveFailed}.reasonList()),
		"此操作必须填写原因。":                     Refuse(ReasonNeedsReason), // stored before it named them
		"没有名为“bgt_…”的人员。":                Refuse(ReasonUnknownActor, NewToken().Reveal()),
		"“order”已被使用。":                   Refuse(ReasonTaken, "order"), // a user's own text is not translated
		"没有名为“supplier”的人员。":             Refuse(ReasonUnknownActor, "supplier"),
	} {
		if got := e.Message(Chinese); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for want, e := range map[string]*Error{
		"There is no such order.":                                            Refuse(ReasonNoSuch, KindOrder.String()),
		"This is the id of a community; an order's id is needed here.":       Refuse(ReasonWrongKind, KindCommunity.String(), KindOrder.String()),
		"This is the id of an administrator; a unit's id is needed here.":    Refuse(ReasonWrongKind, KindAdmin.String(), KindUnit.String()),
		"This move needs a reason: ABSENT, NO_ACCESS, REFUSED, UNREACHABLE.": Refuse(ReasonNeedsReason, Edge{Kind: MoveFailed}.reasonList()),
		"This move needs a reason.":                                          Refuse(ReasonNeedsReason),
		`No person is known by the name "bgt_…".`:                            Refuse(ReasonUnknownActor, NewToken().Reveal()),
		`"eyJ…" is not an id.`:                                               Refuse(ReasonMalformedID, "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ3YW5nIn0…"),
		`"7号" is not an id.`:                                                 Refuse(ReasonMalformedID, "7号"),
	} {
		if got := e.Message(English); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestRoleWords checks that pages can name every role in both languages.
func TestRoleWords(t *testing.T) {
	t.Parallel()
	for _, role := range append(Roles, RoleSystem) {
		if w := RoleWords()[role]; w.Chinese == "" || w.English == "" || strings.Contains(w.English, string(role)) {
			t.Errorf("%s: got %+v", role, w)
		}
	}
}

// TestReasonWords checks that pages have the sentences of their refusals in both languages.
func TestReasonWords(t *testing.T) {
	t.Parallel()
	all := ReasonWords()
	for reason, w := range all {
		if strings.Count(w.Chinese, "%") != strings.Count(w.Chinese, "%d") || strings.Count(w.Chinese, "%d") != strings.Count(w.English, "%d") {
			t.Errorf("%s: got %+v, want as many numbers in both and nothing else", reason, w)
		}
	}
	for _, reason := range []Reason{ReasonBadCode, ReasonCodeForm, ReasonCodeUsed, ReasonCodeEnded, ReasonCodeExpired, ReasonTooManyGuesses, ReasonSignIn, ReasonBadToken,
		ReasonTokenExpired, ReasonTokenReused, ReasonPurged, ReasonManyLinks, ReasonTooFast, ReasonTooManyHere, ReasonUnavailable, ReasonInternal} {
		if all[reason].Chinese == "" {
			t.Errorf("%s: pages have no words for it", reason)
		}
	}
}
