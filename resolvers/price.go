package resolvers

// ListLengths estimates the length of each list without pages in a real estate. The edge prices the selections below such a list
// with it. Results of a mutation are priced by its input.
var ListLengths = map[string]int{
	"Board.buildings":                  30,
	"Board.stages":                     6,
	"BoardBuilding.stages":             4,
	"Building.units":                   2,
	"Building.services":                8,
	"Building.holds":                   1,
	"Volunteer.services":               8,
	"Order.lines":                      5,
	"Order.holds":                      1,
	"Run.stops":                        8,
	"Query.arrivals":                   20,
	"Query.strays":                     20,
	"Subscription.arrivals":            20,
	"Board.arrivals":                   20,
	"Query.arrivalList":                40,
	"RefusalDetails.free":              3,
	"ReceiveArrivalPayload.waitingIds": 1,
	"Order.marks":                      1,
	"Order.allowedMoves":               3,
	"Order.stageTimes":                 6,
	"Query.revealCounts":               150,
	"CityBoard.communities":            160,
	"CityCommunity.stages":             6,
	"RevealRoundPayload.contacts":      1, // as results are
	"results":                          1,
	"userErrors":                       1,
	"nodes":                            1, // of a page, which is priced as a whole
	"edges":                            1,
}

// Prices are the prices of root fields without their selections, and the additions of some arguments and counts. Every root
// field is listed; 0 means that only the selection costs. A point is 10 µs of CPU of the server and PostgreSQL together, with
// 300,000 orders in one community, as bench --only prices measures it (docs/decisions/0024). "(path)" after a field is added if
// the argument is given, "(path:VALUE)" if it has the value. "[]" is the price of each item of a mutation's input, instead of 1.
var Prices = map[string]int{
	"Query.me":                                3,
	"Query.node":                              190,
	"Query.nodes":                             220,
	"Query.communities":                       30,
	"Query.community":                         85,
	"Query.buildings":                         125,
	"Query.households":                        1200,
	"Query.households(filter.text)":           100,
	"Query.volunteers":                        95,
	"Query.runs":                              100,
	"Query.suppliers":                         100,
	"Query.order":                             210,
	"Query.orders":                            295,
	"Query.orders(filter)":                    1500, // reads the nearest orders, then the filter's index
	"Query.orders(filter.text)":               8000, // for short and broad texts 10,000 orders are read, up to three times
	"Query.orders(filter.channels)":           4000, // two large sets with a small intersection are read whole
	"Query.orders(filter.supplierIds)":        4000,
	"Query.orders(filter.open:false)":         2000,
	"Query.orders(filter.held:false)":         2000,
	"Query.orders(orderBy.field:STAGE_SINCE)": 850,  // merges the stages
	"Query.orders(orderBy.field:ROUND)":       2600, // sorts the doors
	"Query.board":                             580,
	"Query.codes":                             85,
	"Query.rateLimit":                         2,
	"Query.cityBoard":                         4700,
	"Query.revealCounts":                      130,
	"Query.arrivals":                          300,
	"Query.strays":                            100,
	"Query.arrivalList":                       250,

	"Subscription.order":              250,
	"Subscription.board":              900,
	"Subscription.arrivals":           400,
	"Subscription.orderEvents":        100,
	"Subscription.orderEvents(after)": 1500, // reads a page of the past

	// The price of a transaction with its commit, and of each order of a bulk move (bench --only growth,bulk).
	"Mutation.createCommunities":   150,
	"Mutation.createCommunities[]": 10,
	"Mutation.updateCommunities":   150,
	"Mutation.updateCommunities[]": 10,
	"Mutation.createBuildings":     150,
	"Mutation.createBuildings[]":   10,
	"Mutation.updateBuildings":     150,
	"Mutation.updateBuildings[]":   10,
	"Mutation.createUnits":         150,
	"Mutation.createUnits[]":       10,
	"Mutation.updateUnits":         150,
	"Mutation.updateUnits[]":       10,
	"Mutation.createHouseholds":    150,
	"Mutation.createHouseholds[]":  10,
	"Mutation.updateHouseholds":    150,
	"Mutation.updateHouseholds[]":  10,
	"Mutation.createVolunteers":    150,
	"Mutation.createVolunteers[]":  10,
	"Mutation.updateVolunteers":    150,
	"Mutation.updateVolunteers[]":  10,
	"Mutation.createSuppliers":     150,
	"Mutation.createSuppliers[]":   10,
	"Mutation.updateSuppliers":     150,
	"Mutation.updateSuppliers[]":   10,
	"Mutation.placeOrder":          150,
	"Mutation.advanceOrders":       150,
	"Mutation.advanceOrders[]":     10,
	"Mutation.cancelOrder":         150,
	"Mutation.undoMove":            150,
	"Mutation.placeHold":           150,
	"Mutation.releaseHold":         150,
	"Mutation.startRun":            150,
	"Mutation.loadRun":             300,
	"Mutation.loadRun[]":           10,
	"Mutation.departRun":           150,
	"Mutation.dropAtBuilding":      300,
	"Mutation.acceptDrop":          150,
	"Mutation.acceptDrop[]":        10,
	"Mutation.finishRun":           300,
	"Mutation.cancelRun":           300,
	"Mutation.createInvitations":   150,
	"Mutation.createInvitations[]": 10,
	"Mutation.issueCards":          150,
	"Mutation.issueCards[]":        10,
	"Mutation.shareOrder":          150,
	"Mutation.revokeCodes":         150,
	"Mutation.revokeCodes[]":       10,
	"Mutation.endSessions":         150,
	"Mutation.redeemCode":          150,
	"Mutation.refreshToken":        150,
	"Mutation.signOut":             150,
	"Mutation.revealContact":       150,
	"Mutation.revealRound":         500,

	"Mutation.announceArrival":   200,
	"Mutation.announceArrival[]": 5,
	"Mutation.arrive":            150,
	"Mutation.cancelArrival":     150,
	"Mutation.receiveArrival":    300,
	"Mutation.receiveArrival[]":  10,
	"Mutation.logStrays":         200,
	"Mutation.logStrays[]":       10,
	"Mutation.closeStrays":       300,
	"Mutation.closeStrays[]":     15,

	"Viewer.community": 105, // a statement, as every read by id

	"OrderConnection.totalCount":          200, // counts up to 10,000 rows
	"OrderConnection.totalCountExact":     200,
	"HouseholdConnection.totalCount":      50,
	"HouseholdConnection.totalCountExact": 50,
}
