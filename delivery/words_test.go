package delivery

import (
	"strings"
	"testing"
)

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
		"找不到该住户。":            Refuse(ReasonNoSuch, KindHousehold.String()),
		"这是小区的编号，此处需要订单的编号。": Refuse(ReasonWrongKind, KindCommunity.String(), KindOrder.String()),
		"此操作必须填写原因：家中无人、无法进入、住户拒收、联系不上、没来得及。": Refuse(ReasonNeedsReason, Edge{Kind: MoveFailed}.reasonList()),
		"“bgt_…”不是有效的编号。": Refuse(ReasonMalformedID, NewToken().Reveal()),
		"“order”不是有效的编号。": Refuse(ReasonMalformedID, "order"), // a user's own text is not translated
		"此操作必须填写原因。":      Refuse(ReasonNeedsReason),          // stored before it named them
	} {
		if got := e.Message(Chinese); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for want, e := range map[string]*Error{
		`"bgt_…" is not an id.`:                                                           Refuse(ReasonMalformedID, NewToken().Reveal()),
		"There is no such order.":                                                         Refuse(ReasonNoSuch, KindOrder.String()),
		"This is the id of a community; an order's id is needed here.":                    Refuse(ReasonWrongKind, KindCommunity.String(), KindOrder.String()),
		"This is the id of an administrator; a unit's id is needed here.":                 Refuse(ReasonWrongKind, KindAdmin.String(), KindUnit.String()),
		"This move needs a reason: ABSENT, NO_ACCESS, REFUSED, UNREACHABLE, NOT_REACHED.": Refuse(ReasonNeedsReason, Edge{Kind: MoveFailed}.reasonList()),
		"This move needs a reason.":                                                       Refuse(ReasonNeedsReason),
		`"eyJ…" is not an id.`:                                                            Refuse(ReasonMalformedID, "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ3YW5nIn0…"),
		`"7号" is not an id.`:                                                              Refuse(ReasonMalformedID, "7号"),
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
