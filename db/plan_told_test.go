package db

import (
	"slices"
	"testing"
	"time"

	"baogong/delivery"
)

// TestToldTrucksOfAPlan: a plan keeps which trucks' lateness a person told, and plans of earlier releases are read as untold.
func TestToldTrucksOfAPlan(t *testing.T) {
	t.Parallel()
	want := []delivery.PlanTruck{{Due: 9 * time.Hour, Orders: 20, Bags: 30, Told: true}, {Due: 15 * time.Hour, Orders: 12}}
	row, err := planRowOf(&delivery.DayPlan{Trucks: want})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := row.plan(); err != nil || !slices.Equal(got.Trucks, want) {
		t.Errorf("got %+v, %v, want %+v", got.Trucks, err, want)
	}
	row.Trucks = `[{"due":32400,"orders":20,"bags":30}]`
	if got, err := row.plan(); err != nil || got.Trucks[0] != (delivery.PlanTruck{Due: 9 * time.Hour, Orders: 20, Bags: 30}) {
		t.Errorf("an old plan: got %+v, %v", got, err)
	}
}
