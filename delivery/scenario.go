package delivery

import (
	"encoding/json"
	"fmt"
	"time"
)

// SavedScenario is a day to rehearse that the team keeps under a name (预案).
type SavedScenario struct {
	Row
	Name string       `db:"name"`
	Body ScenarioBody `db:"scenario"`
}

// ScenarioBody is what is stored of a scenario. Rows of earlier releases have its form, so a field may be added but never change its meaning.
type ScenarioBody struct {
	Form                    int             `json:"v"` // ScenarioForm when it was written
	Day                     *string         `json:"day,omitempty"`
	Orders                  *int            `json:"orders,omitempty"`
	Trucks                  []ScenarioTruck `json:"trucks,omitempty"`
	LastTruckEarlierMinutes *int            `json:"lastTruckEarlierMinutes,omitempty"`
	Hands                   []ScenarioHands `json:"hands,omitempty"`
	Carts                   *int            `json:"carts,omitempty"`
	CartBags                *int            `json:"cartBags,omitempty"`
	SettleMinutes           *int            `json:"settleMinutes,omitempty"`
	Held                    []ScenarioHeld  `json:"held,omitempty"`
	LiftsOut                bool            `json:"liftsOut,omitempty"`
	AbsentShare             *float64        `json:"absentShare,omitempty"`
	MedicineShare           *float64        `json:"medicineShare,omitempty"`
	ColdShare               *float64        `json:"coldShare,omitempty"`
	FirstCome               bool            `json:"firstCome,omitempty"`
	By                      *WallTime       `json:"by,omitempty"`
	Seed                    *int            `json:"seed,omitempty"`
	Replications            int             `json:"replications"`
	Compare                 bool            `json:"compare,omitempty"`
}

// ScenarioTruck is a truck of a stored scenario.
type ScenarioTruck struct {
	At            WallTime `json:"at"`
	Orders        int      `json:"orders"`
	Bags          *int     `json:"bags,omitempty"`
	LateByMinutes *int     `json:"lateByMinutes,omitempty"`
}

// ScenarioHands is how many people of a squad are there from a time on, in a stored scenario.
type ScenarioHands struct {
	Squad Squad    `json:"squad"`
	From  WallTime `json:"from"`
	Hands int      `json:"hands"`
}

// ScenarioHeld is a building that a stored scenario holds for a time.
type ScenarioHeld struct {
	BuildingUUID UUID     `json:"building"`
	From         WallTime `json:"from"`
	Until        WallTime `json:"until"`
}

// ScenarioForm is the form in which scenarios are written.
const ScenarioForm = 1

// The limits of saved scenarios.
const (
	MaxScenarios       = 100 // of a community, that are not archived
	MaxScenarioName    = 60
	MaxScenarioEntries = 300 // trucks, entries of hands, or held buildings
)

// Text is the JSON form that the database keeps.
func (b *ScenarioBody) Text() (string, error) {
	text, err := json.Marshal(b)
	return string(text), err
}

// Scan reads the JSON form.
func (b *ScenarioBody) Scan(src any) error {
	text, ok := src.([]byte)
	if !ok {
		return fmt.Errorf("scan a scenario from %T", src)
	}
	*b = ScenarioBody{}
	return json.Unmarshal(text, b)
}

// WallTime is a time of a day as its clocks show it, in seconds from midnight. It is negative on the day before, and 86,400 or more on the next.
type WallTime int

// WallTime returns an instant as clocks show it, counted from the day that begins at from. Parts of a second are dropped.
func (c *Community) WallTime(at, from time.Time) WallTime {
	civil := func(t time.Time) time.Time {
		t = c.Local(t)
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	return WallTime(civil(at).Sub(civil(from).Truncate(24*time.Hour)) / time.Second)
}

// AtWallTime returns the instant at which clocks show the time, counted from the day that begins at from. A time that daylight saving skips is
// moved later by the skipped time.
func (c *Community) AtWallTime(wall WallTime, from time.Time) time.Time {
	day := c.Local(from)
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(wall), 0, day.Location()).UTC()
}

// ID is the scenario's opaque id.
func (s *SavedScenario) ID() ID { return s.id(KindScenario) }

// ScenarioSaved is the kind of event of a scenario that was saved, changed or archived.
const ScenarioSaved EventKind = "SCENARIO_SAVED"

var _ = savedKind(ScenarioSaved, KindScenario, noBoard)
