package live_test

import (
	"fmt"
	"testing"
	"time"

	"baogong/e2e/house"
)

// TestBoardShowsWhoIsOnShift watches the board as the commander and a volunteer while members are planned, come, are absent and go. A supplier's board
// shows no one.
func TestBoardShowsWhoIsOnShift(t *testing.T) {
	t.Parallel()
	e := house.NewEstate(t)
	type shown struct {
		Board struct {
			Open    int
			OnShift []struct {
				Squad               string
				On, Planned, Absent int
			}
		}
	}
	watch := func(who string) squadStream[shown] {
		in := e.Dial(t, e.As(who), "").Operate(`subscription ($c: ID!) { board(communityId: $c) { open onShift { squad on planned absent } } }`, obj{"c": e.Community})
		return squadStream[shown]{in, who, func(s shown) (text string) {
			text = fmt.Sprintf("%d open; ", s.Board.Open)
			for _, p := range s.Board.OnShift {
				text += fmt.Sprintf("%s: %d on, %d planned, %d absent; ", p.Squad, p.On, p.Planned, p.Absent)
			}
			return text
		}}
	}
	team := []squadStream[shown]{watch("C01"), watch("S07")}
	supplier := watch("caiban")
	both := func(claim, want string) {
		t.Helper()
		for _, s := range team {
			s.want(claim, "0 open; "+want)
		}
	}
	both("before there is a shift", "")
	supplier.want("before there is a shift", "0 open; ")
	shift := e.Shift("SUPPLY", time.Hour, e.Team["S01"], e.Team["S07"])
	both("planned", "SUPPLY: 0 on, 2 planned, 0 absent; ")
	e.CheckIn(shift, e.Team["S01"])
	both("one came", "SUPPLY: 1 on, 1 planned, 0 absent; ")
	e.Must(e.As("C01"), `mutation ($s: ID!, $v: ID!) { checkIn(input: { shiftId: $s, volunteerIds: [$v], absent: true }) { results { state } } }`,
		obj{"s": shift, "v": e.Team["S07"]}, &struct{}{})
	both("the other is absent", "SUPPLY: 1 on, 0 planned, 1 absent; ")
	e.EndShift(shift, e.Team["S01"])
	both("the first went", "SUPPLY: 0 on, 0 planned, 1 absent; ")
	e.Place("E6-1-1403", obj{"supplierId": e.Suppliers["caiban"]})
	supplier.want("an order of its own", "1 open; ")
}
