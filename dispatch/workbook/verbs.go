// Package workbook imports an estate from its workbook: it compares what the file states with the community's book, and saves what differs
// through the verbs of places, the team and suppliers. It stands above these areas and below the API.
package workbook

import (
	"baogong/dispatch"
	"baogong/dispatch/estate"
	"baogong/dispatch/supplier"
	"baogong/dispatch/team"
)

// Verbs import workbooks with the verbs of three areas.
type Verbs struct {
	*dispatch.Engine
	Estate   *estate.Verbs
	Team     *team.Verbs
	Supplier *supplier.Verbs
	Reading  *dispatch.Slots // bounds the files that are read at once
}
