package resolvers

// Items is about how many objects a list without pages holds in a real estate, for the edge to price what is selected
// below it. Results of a mutation are priced by its input.
var Items = map[string]int{
	"Board.buildings":             30,
	"Board.stages":                6,
	"BoardBuilding.stages":        4,
	"Building.units":              2,
	"Building.services":           8,
	"Building.holds":              1,
	"Volunteer.services":          8,
	"Order.lines":                 5,
	"Order.holds":                 1,
	"Order.allowedMoves":          3,
	"Order.stageTimes":            6,
	"Query.revealCounts":          150,
	"CityBoard.communities":       160,
	"CityCommunity.stages":        6,
	"RevealRoundPayload.contacts": 1, // as results are
	"results":                     1,
	"userErrors":                  1,
	"nodes":                       1, // of a page, which is priced as a whole
	"edges":                       1,
}
