package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"baogong/app"
	"baogong/delivery"
	"baogong/e2e/house"
	"baogong/internal/volume"
)

// row is one field of the schema: an operation that selects it, and the result of each viewer for their own data, for another
// household's in their community, and for another community's; empty if the field has no such subject. A letter stands for each
// viewer, in their order:
//
//	D data      M masked       E empty: "", [] or 0   N null
//	X NOT_FOUND F FORBIDDEN    U UNAUTHENTICATED      B BAD_USER_INPUT  C CONFLICT
type row struct {
	field                   string
	ask                     string
	own, another, elsewhere string
}

// viewers are the columns of the matrix, in this order. All sign in as people do.
var viewers = []string{"ADMIN", "CITY", "COMMANDER", "LEAD", "VOLUNTEER", "DUTY", "DESK", "SUPPLIER", "RESIDENT", "LINK", ""}

// rootRows are the fields of Query, Mutation and Subscription. Mutations change nothing that a later row needs; signOut
// comes last.
var rootRows = []row{
	{"Query.me", `me { role }`, "DDDDDDDDDDU", "", ""},
	{"Query.rateLimit", `rateLimit { limit }`, "DDDDDDDDDDD", "", ""},
	{"Query.cityBoard", `cityBoard { communities { community { code } } }`, "DDFFFFFFFFU", "", ""},
	{"Query.cityBoard", `cityBoard(day: "2020-02-01") { day communities { community { code } } }`, "XXFFFFFFFFU", "", ""}, // it is not stored; TestCity reads one that is
	{"Query.cityBoard", `cityBoard(day: "2099-02-01") { day communities { community { code } } }`, "BBFFFFFFFFU", "", ""},
	{"Query.communities", `communities { totalCount }`, "DDDDDDDDDDU", "", ""},
	{"Query.node", `node(id: $h) { id }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $c) { id }`, "DNDDDDDDDDU", "", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $b) { id }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $u) { id }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $o) { id }`, "DNDDDDDDDDU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $hold) { id }`, "DNDDDDDDDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $incident) { id }`, "DNDDDDDDDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.nodes", `nodes(ids: [$b]) { id }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Query.nodes", `nodes(ids: [$hold]) { id }`, "DNDDDDDDDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.nodes", `nodes(ids: [$o]) { id }`, "DNDDDDDDDDU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.community", `community(id: $c) { name }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.buildings", `buildings(communityId: $c) { totalCount }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.households", `households(communityId: $c, filter: { buildingIds: [$b] }) { totalCount }`, "DXDDDDDEDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Query.volunteers", `volunteers(communityId: $c) { totalCount }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.suppliers", `suppliers(communityId: $c) { totalCount }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.order", `order(id: $o) { id }`, "DXDDDDDDDDU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Query.orders", `orders(communityId: $c, filter: { householdIds: [$h] }) { totalCount }`, "DXDDDDDDDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Query.bins", `bins(communityId: $c) { totalCount }`, "DXDDDDDEEXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $bin) { id }`, "DNDDDDDNNNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Query.lookUp", `lookUp(communityId: $c, text: $qr) { id }`, "DXDDDDDFFXU", "DXDDEDEFFXU", "DXXXXXXXXXU"},
	{"Query.sortingManifest", `sortingManifest(communityId: $c, buildingId: $b) { buildings { sorted } }`, "DXDDDDDFFXU", "DXDDEDEFFXU", "DXXXXXXXXXU"},
	{"Query.board", `board(communityId: $c) { open }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.rounds", `rounds(communityId: $c) { totalCount }`, "DXDDDDDEEXU", "", "DXXXXXXXXXU"},
	{"Query.shifts", `shifts(communityId: $c) { id members { volunteer { code } } }`, "DXDDDDDEEXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $shift) { id }`, "DNDDDDDNNNU", "", "DNNNNNNNNNU"},
	{"Query.suggestAssignments", `suggestAssignments(communityId: $c) { why }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Mutation.planShifts", `planShifts(input: { communityId: $c, shifts: [{ squad: SUPPLY, station: $new, startsAt: $opens, endsAt: $later }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.checkIn", `checkIn(input: { shiftId: $duty, volunteerIds: [$v] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFFFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Mutation.checkOut", `checkOut(input: { shiftId: $duty, volunteerIds: [$v] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFFFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Query.runs", `runs(communityId: $c) { totalCount }`, "DXDDDDDEEXU", "", "DXXXXXXXXXU"},
	{"Query.incidents", `incidents(communityId: $c, filter: { orderIds: [$o] }) { totalCount }`, "DXDDDDDDDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Query.codes", `codes(communityId: $c) { totalCount }`, "DXDFFFFFFXU", "", "EXXXXXXXXXU"},
	{"Query.demand", `demand(communityId: $c, from: "2020-02-01", until: "2020-02-02") { orders }`, "EXEEFFFFFXU", "", "EXXXXXXXXXU"},
	{"Query.forecast", `forecast(communityId: $c) { day rows { expected } }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.supplyGap", `supplyGap(communityId: $c, windowId: $window) { item }`, "DXDDFFFDFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Query.reach", `reach(communityId: $c) { households unreached }`, "DXDDFFDFFXU", "", "DXXXXXXXXXU"},
	{"Query.householdNeeds", `householdNeeds(communityId: $c) { households needs { need } }`, "DXDFFFDFFXU", "", "DXXXXXXXXXU"},
	{"Query.unmetDemand", `unmetDemand(communityId: $c, from: "2020-02-01", until: "2020-02-02") { days { day } }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.handsTomorrow", `handsTomorrow(communityId: $c) { day orders }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.planAgainstActual", `planAgainstActual(communityId: $c) { orders }`, "DXDDFDFFFXU", "", "DXXXXXXXXXU"},
	{"Subscription.planAgainstActual", `planAgainstActual(communityId: $c) { orders }`, "DXDDFDFFFXU", "", "DXXXXXXXXXU"},
	{"Mutation.planDay", `planDay(input: { communityId: $c, scenario: { communityId: $c, orders: 20, replications: 2 } }) { userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Query.dailyReport", `dailyReport(communityId: $c) { day placed }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.rehearse", `rehearse(scenario: { communityId: $c, orders: 9, replications: 2, compare: false }) { orders advice }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.compareRehearsals", `compareRehearsals(first: { communityId: $c, orders: 9, replications: 2, compare: false }, second: { communityId: $c, orders: 9, carts: 6, compare: false }) { sentence }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.scenarios", `scenarios(communityId: $c) { name }`, "DXDDFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $scenario) { id }`, "DNDDNNNNNNU", "", "DNNNNNNNNNU"},
	{"Mutation.saveScenario", `saveScenario(input: { communityId: $c, name: $new, scenario: { communityId: $c, orders: 9 } }) { scenario { values { orders } } userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.archiveScenario", `archiveScenario(input: { scenarioId: $scenario }) { scenario { archivedAt } userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Query.exports", `exports(communityId: $c) { noun }`, "EXEFFFFFFXU", "", "EXXXXXXXXXU"},
	{"Query.revealCounts", `revealCounts(communityId: $c) { volunteer { code } }`, "DXDFFFFFFXU", "", "DXXXXXXXXXU"},
	{"Query.arrivals", `arrivals(communityId: $c) { id }`, "DXDDEDEDEXU", "", "DXXXXXXXXXU"},
	{"Query.arrivalList", `arrivalList(arrivalId: $arrival) { announced }`, "DXDDXDXDXXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Query.strays", `strays(communityId: $c) { id }`, "DXDDEDEEEXU", "", "DXXXXXXXXXU"},
	{"Query.imports", `imports(communityId: $c) { totalCount }`, "DXDDDDDDEXU", "", "DXXXXXXXXXU"},
	{"Query.importRows", `importRows(communityId: $c, importId: $import) { nodes { row } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"Query.enquiries", `enquiries(communityId: $c, filter: { householdIds: [$h] }) { totalCount }`, "DXDDDDDEDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Query.unheard", `unheard(communityId: $c, since: $later) { totalCount }`, "DXDDFFDFFXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $enquiry) { id }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $caller) { id }`, "DNDDNDDNNNU", "", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $import) { id }`, "DNDDDDDDNNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $arrival) { id }`, "DNDDNDNDNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $stray) { id }`, "DNDDNDNNNNU", "", "DNNNNNNNNNU"},
	{"Query.tasks", `tasks(communityId: $c, day: $today) { totalCount }`, "DXDDDDDEEXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $task) { id }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $point) { id }`, "DNDDNDNNNNU", "", "DNNNNNNNNNU"},
	{"Subscription.tasks", `tasks(communityId: $c, squad: PATROL) { id }`, "DXDDDDDFFXU", "", "DXXXXXXXXXU"},
	{"Mutation.createTasks", `createTasks(input: { communityId: $c, squad: SUPPLY, tasks: [{ kind: VISIT, title: $new, householdId: $h, dueAt: $later }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.finishTasks", `finishTasks(input: { ids: [$job], state: DONE }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFFFFU", "DXDDXFXFFFU", "DXXXXXXXXXU"},
	{"Query.notices", `notices(communityId: $c) { totalCount }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $notice) { id }`, "DNDDDDDNDNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Subscription.notices", `notices(communityId: $c) { id }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Mutation.publishNotice", `publishNotice(input: { communityId: $c, kind: NOTICE, title: $new }) { userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.markNoticesSeen", `markNoticesSeen(input: { noticeIds: [$notice] }) { results { userErrors { code } } userErrors { code } }`, "FXFFFFFFDFU", "FXFFFFFFXFU", "FXXXXXXXXXU"},
	{"Mutation.markNoticeTold", `markNoticeTold(input: { noticeId: $notice, householdIds: [$h] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDDDFFFU", "DXDDCDCFFFU", "DXXXXXXXXXU"},
	{"Query.packages", `packages(supplierId: $s) { id }`, "DXDDDDDDDXU", "DXDDDDDDDXU", "DXXXXXXXXXU"},
	{"Query.orderWindows", `orderWindows(communityId: $c, supplierId: $s) { id }`, "DXDDDDDDDXU", "DXDDDDDDDXU", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $package) { id }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Query.node", `node(id: $window) { id }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Subscription.window", `window(id: $window) { id }`, "DXDDDDDDDXU", "DXDDDDDDDXU", "DXXXXXXXXXU"},
	{"Query.webhooks", `webhooks(communityId: $c) { id }`, "DXDFFFFDFXU", "", "DXXXXXXXXXU"},
	{"Query.webhooks", `webhooks(communityId: $c, supplierId: $s) { url }`, "DXDFFFFDFXU", "DXDFFFFFFXU", "DXXXXXXXXXU"},
	{"Query.node", `node(id: $webhook) { id }`, "DNDNNNNDNNU", "DNDNNNNNNNU", "DNNNNNNNNNU"},
	{"Mutation.setWebhooks", `setWebhooks(input: { communityId: $c, supplierId: $s, webhooks: [{ id: $webhook, name: $new, url: "https://hooks.example/", off: true }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFDFXU", "DXDFFFFFFXU", "DXXXXXXXXXU"},
	{"Mutation.rotateWebhookSecret", `rotateWebhookSecret(input: { webhookId: $webhook }) { userErrors { code } }`, "DXDFFFFDFXU", "DXDFFFFXFXU", "DXXXXXXXXXU"},
	{"Mutation.resendParked", `resendParked(input: { webhookIds: [$webhook] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFDFXU", "DXDFFFFXFXU", "DXXXXXXXXXU"},
	{"Mutation.savePackages", `savePackages(input: { supplierId: $s, packages: [{ code: $new, name: $new, unit: "份", priceFen: 1 }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFDFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Mutation.openWindow", `openWindow(input: { supplierId: $s, name: $new, opensAt: $opens, closesAt: $later, deliverAt: $later, offers: [{ packageId: $package }] }) { userErrors { code } }`, "DXDDFFFDFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Mutation.releaseReserve", `releaseReserve(input: { windowId: $reserved }) { userErrors { code } }`, "DXDDFFDFFXU", "DXDDFFDFFXU", "DXXXXXXXXXU"},
	{"Mutation.decideWindow", `decideWindow(input: { windowId: $window, confirm: false }) { userErrors { code } }`, "CXCCFFFCFXU", "CXCCFFFFFXU", "CXXXXXXXXXU"}, // it is open
	{"Mutation.amendOrder", `amendOrder(input: { orderId: $basket, expectedVersion: $version, lines: [{ packageId: $package, quantity: 1 }] }) { userErrors { code } }`, "FXFFFFFDDXU", "FXFFXFXXXXU", "FXXXXXXXXXU"},
	{"Query.ordersWithMoneyOwed", `ordersWithMoneyOwed(communityId: $c) { totalCount }`, "DXDDDEEFFXU", "", "DXXXXXXXXXU"},
	{"Query.shoppingList", `shoppingList(communityId: $c, orderIds: [$o]) { item }`, "DXDDDDDFFXU", "DXDDEDEFFXU", "DXXXXXXXXXU"},
	{"Mutation.recordMoney", `recordMoney(input: { orderId: $o, entries: [{ kind: IN, party: HOUSEHOLD, amountFen: 1 }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFFFFU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.settleMoney", `settleMoney(input: { orderIds: [$arrived] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFFFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.takeDocuments", `takeDocuments(input: { orderId: $fetch, kinds: [KEY] }) { documentIds userErrors { code } }`, "DXDDDFFXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.returnDocuments", `returnDocuments(input: { documents: [{ documentId: $returned }] }) { results { userErrors { code } } userErrors { code } }`, "CXCCCFFXFXU", "CXCCXFXXXXU", "CXXXXXXXXXU"}, // it is back
	{"Mutation.answerErrand", `answerErrand(input: { orderId: $fetch, answer: $new }) { userErrors { code } }`, "DXDDDFFXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Subscription.arrivals", `arrivals(communityId: $c) { id }`, "DXDDEDEDEXU", "", "DXXXXXXXXXU"},
	{"Subscription.order", `order(id: $o) { id }`, "DXDDDDDDDDU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Subscription.board", `board(communityId: $c) { open }`, "DXDDDDDDDXU", "", "DXXXXXXXXXU"},
	{"Subscription.sortingProgress", `sortingProgress(communityId: $c) { sorted }`, "DXDDDDDFFXU", "", "DXXXXXXXXXU"},
	{"Subscription.readyBuildings", `readyBuildings(communityId: $c) { orders }`, "DXDDDDDFFXU", "", "DXXXXXXXXXU"},
	{"Subscription.myRound", `myRound(communityId: $c) { __typename }`, "FXDDDDDFFXU", "", "FXXXXXXXXXU"},
	{"Subscription.myRound", `myRound(communityId: $c, volunteerId: $v) { __typename }`, "DXDDDFFFFXU", "DXDDFFFFFXU", "DXXXXXXXXXU"},
	{"Subscription.alerts", `alerts(communityId: $c) { id }`, "DXDDDDDFFXU", "", "DXXXXXXXXXU"},
	{"Subscription.orderEvents", `orderEvents(communityId: $c, filter: { orderIds: [$o, $witness] }, after: $start) { order { orderId } }`, "DXDDDDDDDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Subscription.events", `events(communityId: $c, kinds: [ORDER_PLACED], after: $start) { subjectId order { orderId } }`, "DXDDDDDDDXU", "DXDDEDEEEXU", "DXXXXXXXXXU"},
	{"Mutation.createCommunities", `createCommunities(input: { communities: [{ code: $new, name: $new }] }) { results { userErrors { code } } userErrors { code } }`, "DFFFFFFFFFU", "", ""},
	{"Mutation.updateCommunities", `updateCommunities(input: { communities: [{ id: $c }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.createBuildings", `createBuildings(input: { communityId: $c, buildings: [{ code: $new }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.updateBuildings", `updateBuildings(input: { buildings: [{ id: $b }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.createUnits", `createUnits(input: { communityId: $c, units: [{ buildingId: $b, number: $n, floors: 9 }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.updateUnits", `updateUnits(input: { units: [{ id: $u }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.createHouseholds", `createHouseholds(input: { communityId: $c, households: [{ unitId: $u, room: $new, floor: 9 }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.updateHouseholds", `updateHouseholds(input: { households: [{ id: $h }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.createVolunteers", `createVolunteers(input: { communityId: $c, volunteers: [{ code: $new, name: "甲", squad: PATROL }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.updateVolunteers", `updateVolunteers(input: { volunteers: [{ id: $spareVolunteer }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.createSuppliers", `createSuppliers(input: { communityId: $c, suppliers: [{ code: $new, name: $new, kind: SHOP }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.updateSuppliers", `updateSuppliers(input: { suppliers: [{ id: $s }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.placeOrder", `placeOrder(input: { householdId: $h, channel: GROUP_BUY, supplierId: $s, lines: [{ item: $new, quantity: 1, unit: "袋" }] }) { userErrors { code } }`, "DXDDDDDXDXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.advanceOrders", `advanceOrders(input: { orders: [{ orderId: $o }], to: DISPATCHED }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFDFFU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.cancelOrder", `cancelOrder(input: { orders: [{ orderId: $o }], reason: DUPLICATE }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFDDFU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.createBins", `createBins(input: { communityId: $c, bins: [{ buildingId: $b, code: $new }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.updateBins", `updateBins(input: { bins: [{ id: $bin }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.sortOrders", `sortOrders(input: { binId: $bin, orders: [{ orderId: $waiting }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDDFXXXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.undoMove", `undoMove(input: { orders: [{ orderId: $o, expectedVersion: $version }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.placeHold", `placeHold(input: { subjectIds: [$o], reason: TESTING }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.releaseHold", `releaseHold(input: { holdIds: [$hold] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.startRound", `startRound(input: { orderIds: [$shelved] }) { results { userErrors { code } } userErrors { code } }`, "FXDDDFFFFFU", "", "FXXXXXXXXXU"},
	{"Mutation.handOver", `handOver(input: { doors: [{ orderIds: [$shelved] }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFFXFXU", "", "DXXXXXXXXXU"},
	{"Mutation.endRound", `endRound(input: { roundId: $round }) { userErrors { code } }`, "DXDDFFFXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.confirmReceipt", `confirmReceipt(input: { orderIds: [$received] }) { results { userErrors { code } } userErrors { code } }`, "FXFFFFFXDXU", "", "FXXXXXXXXXU"},
	{"Mutation.dispute", `dispute(input: { orderId: $received, kind: NOT_RECEIVED }) { userErrors { code } }`, "FXFFFFFXDXU", "", "FXXXXXXXXXU"},
	{"Mutation.startRun", `startRun(input: { communityId: $c, volunteerId: $carrier, capacity: 9 }) { userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.loadRun", `loadRun(input: { runId: $run, orderIds: [$sorted] }) { results { userErrors { code } } userErrors { code } }`, "DXDFXFXXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.departRun", `departRun(input: { runId: $run }) { userErrors { code } }`, "DXDFFFFXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.dropAtBuilding", `dropAtBuilding(input: { runId: $run, buildingId: $b, bags: 1 }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.acceptDrop", `acceptDrop(input: { runId: $run, buildingId: $b, bags: 1 }) { userErrors { code } }`, "DXDDDFFXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.finishRun", `finishRun(input: { runId: $run }) { userErrors { code } }`, "DXDFFFFXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.cancelRun", `cancelRun(input: { runId: $run }) { userErrors { code } }`, "DXDFXFXXXXU", "", "DXXXXXXXXXU"},
	{"Mutation.announceArrival", `announceArrival(input: { supplierId: $s, expectedAt: $later, orders: [{ orderId: $truckload }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDFDFDFFU", "DXDDFDFFFFU", "DXXXXXXXXXU"},
	{"Mutation.arrive", `arrive(input: { arrivalId: $coming }) { userErrors { code } }`, "DXDFXDXFXXU", "DXDFXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.cancelArrival", `cancelArrival(input: { arrivalId: $coming }) { userErrors { code } }`, "DXDDXDXDXXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.receiveArrival", `receiveArrival(input: { arrivalId: $coming, allButListed: true }) { results { userErrors { code } } userErrors { code } }`, "DXDFXDXFXXU", "DXDFXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.logStrays", `logStrays(input: { communityId: $c, strays: [{ place: $new }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFDFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.closeStrays", `closeStrays(input: { strays: [{ strayId: $found, returned: true }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFDFFFFU", "", "DXXXXXXXXXU"},
	{"Subscription.callQueue", `callQueue(communityId: $c) { waiting }`, "DXDFFFDFFXU", "", "DXXXXXXXXXU"},
	{"Mutation.logEnquiry", `logEnquiry(input: { communityId: $c, householdId: $h, kind: QUESTION, way: GATE, text: $new }) { userErrors { code } }`, "DXDDDDDFFXU", "DXDDXDXFXXU", "DXXXXXXXXXU"},
	{"Mutation.takeEnquiry", `takeEnquiry(input: { communityId: $c, enquiryId: $asked }) { userErrors { code } }`, "FXDFFFDFFXU", "FXDFFFXFFXU", "FXXXXXXXXXU"},
	{"Mutation.postponeEnquiry", `postponeEnquiry(input: { enquiryId: $asked, unreachable: true }) { userErrors { code } }`, "FXDFFFCXFXU", "FXDFXFXXXXU", "FXXXXXXXXXU"},
	{"Mutation.closeEnquiry", `closeEnquiry(input: { enquiryId: $asked, outcome: NOT_NEEDED }) { userErrors { code } }`, "FXDFFFCXFXU", "FXDFXFXXXXU", "FXXXXXXXXXU"},
	{"Mutation.importOrders", `importOrders(input: { communityId: $c, kind: CSV, supplierId: $s, text: "地址,商品,数量\nX,米,1袋", dryRun: true }) { report { rows } userErrors { code } }`, "DXDDDFDDFFU", "DXDDDFDFFFU", "DXXXXXXXXXU"},
	{"Mutation.importEstate", `importEstate(input: { communityId: $c, fileId: $sheet }) { report { written } userErrors { code } }`, "XXXFFFFFFFU", "", "XXXXXXXXXXU"}, // who may learns that the file is gone
	{"Mutation.settleImportRows", `settleImportRows(input: { importId: $import, rows: [{ row: 1, drop: "重复" }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDFDXXXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.reportIncidents", `reportIncidents(input: { incidents: [{ kind: OTHER, subjectId: $o }] }) { results { userErrors { code } } userErrors { code } }`, "DXDDDDDDDFU", "DXDDXDXXXFU", "DXXXXXXXXXU"},
	{"Mutation.takeIncidents", `takeIncidents(input: { ids: [$incident] }) { results { userErrors { code } } userErrors { code } }`, "FXDDDDDFFFU", "FXDDXDXFFFU", "FXXXXXXXXXU"},
	{"Mutation.setTargets", `setTargets(input: { communityId: $c, targets: [{ stage: SORTED, mark: FRAGILE, minutes: 20 }] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.resolveIncidents", `resolveIncidents(input: { ids: [$incident], resolution: FOUND }) { results { userErrors { code } } userErrors { code } }`, "DXDDFFFFFFU", "DXDDXFXFFFU", "DXXXXXXXXXU"},
	{"Mutation.createInvitations", `createInvitations(input: { subjectIds: [$spareVolunteer] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.issueCards", `issueCards(input: { householdIds: [$spareHome] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.shareOrder", `shareOrder(input: { orderId: $o }) { results { userErrors { code } } userErrors { code } }`, "DXDDDDDFDFU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Mutation.revokeCodes", `revokeCodes(input: { codeIds: [$code] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.endSessions", `endSessions(input: { subjectIds: [$spareHome] }) { results { userErrors { code } } userErrors { code } }`, "DXDFFFFFFFU", "", "DXXXXXXXXXU"},
	{"Mutation.redeemCode", `redeemCode(input: { code: $secret }) { userErrors { code } }`, "DDDDDDDDDDD", "", "DDDDDDDDDDD"},
	{"Mutation.refreshToken", `refreshToken(input: { token: $token }) { userErrors { code } }`, "DDDDDDDDDDD", "", "DDDDDDDDDDD"},
	{"Mutation.revealContact", `revealContact(input: { householdId: $h, orderId: $arrived, reason: "敲门无人" }) { userErrors { code } }`, "DXDDDFDXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Mutation.revealRound", `revealRound(input: { communityId: $c, buildingId: $b, reason: "上门" }) { userErrors { code } }`, "DXDDDFDFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
	{"Mutation.signOut", `signOut(input: {}) { userErrors { code } }`, "DDDDDDDDDDU", "", ""},
}

// personalRows are the fields that carry a person's own data: names, phones, needs, words, goods and doors.
var personalRows = []row{
	{"Community.deskPhone", `node(id: $c) { ... on Community { deskPhone } }`, "DNDDDDDDDDU", "", "DNNNNNNNNNU"},
	{"Household.address", `node(id: $h) { ... on Household { address } }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Household.room", `node(id: $h) { ... on Household { room } }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Household.contactName", `node(id: $h) { ... on Household { contactName } }`, "MNMMMMMNMNU", "MNMMNMNNNNU", "MNNNNNNNNNU"},
	{"Household.phone", `node(id: $h) { ... on Household { phone } }`, "MNMMMMMNMNU", "MNMMNMNNNNU", "MNNNNNNNNNU"},
	{"Household.needs", `node(id: $h) { ... on Household { needs } }`, "DNDEEEDNDNU", "DNDENENNNNU", "DNNNNNNNNNU"},
	{"BuildingReach.elderlyAlone", `reach(communityId: $c) { buildings { elderlyAlone } }`, "EXENFFEFFXU", "", "EXXXXXXXXXU"},
	{"BuildingReach.noSmartphone", `reach(communityId: $c) { buildings { noSmartphone } }`, "EXENFFEFFXU", "", "EXXXXXXXXXU"},
	{"NeedHouseholds.need", `householdNeeds(communityId: $c) { needs { need } }`, "DXDFFFDFFXU", "", "DXXXXXXXXXU"},
	{"Household.reveals", `node(id: $h) { ... on Household { reveals { totalCount } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"Reveal.by", `node(id: $h) { ... on Household { reveals { nodes { by { role } } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"Reveal.at", `node(id: $h) { ... on Household { reveals { nodes { at } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"Reveal.reason", `node(id: $h) { ... on Household { reveals { nodes { reason } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"Reveal.order", `node(id: $h) { ... on Household { reveals { nodes { order { id } } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"RevealConnection.nodes", `node(id: $h) { ... on Household { reveals { nodes { reason } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"RevealEdge.node", `node(id: $h) { ... on Household { reveals { edges { node { reason } } } } }`, "DNDFFFFNDNU", "DNDFNFNNNNU", "DNNNNNNNNNU"},
	{"HouseholdConnection.nodes", `households(communityId: $c, filter: { buildingIds: [$b] }) { nodes { phone } }`, "MXMMMMMEMXU", "MXMMEMEEEXU", "MXXXXXXXXXU"},
	{"HouseholdEdge.node", `households(communityId: $c, filter: { buildingIds: [$b] }) { edges { node { contactName } } }`, "MXMMMMMEMXU", "MXMMEMEEEXU", "MXXXXXXXXXU"},
	{"HouseholdResult.household", `updateHouseholds(input: { households: [{ id: $h }] }) { results { userErrors { code } household { phone } } userErrors { code } }`, "DXDFFFFFFFU", "DXDFFFFFFFU", "DXXXXXXXXXU"},
	{"Viewer.household", `me { household { address } }`, "NNNNNNNNDNU", "", ""},
	{"Volunteer.name", `node(id: $v) { ... on Volunteer { name } }`, "MNMMMMMMMNU", "MNMMMMMMMNU", "MNNNNNNNNNU"},
	{"Volunteer.phone", `node(id: $v) { ... on Volunteer { phone } }`, "MNMMMMMMMNU", "MNMMMMMMMNU", "MNNNNNNNNNU"},
	{"Volunteer.homeOrganisation", `node(id: $v) { ... on Volunteer { homeOrganisation } }`, "DNDDDDDEENU", "DNDDDDDEENU", "DNNNNNNNNNU"},
	{"Supplier.name", `node(id: $s) { ... on Supplier { name } }`, "DNDDDDDDDNU", "DNDDDDDDDNU", "DNNNNNNNNNU"},
	{"Supplier.phone", `node(id: $s) { ... on Supplier { phone } }`, "MNMMMMMMMNU", "MNMMMMMMMNU", "MNNNNNNNNNU"},
	{"Building.accessNote", `order(id: $o) { building { accessNote } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Building.units", `order(id: $o) { building { units { number } } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Building.services", `order(id: $o) { building { services { duty } } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Hold.placedBy", `node(id: $hold) { ... on Hold { placedBy { id } } }`, "DNDDDDDDDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Hold.note", `node(id: $hold) { ... on Hold { note } }`, "DNDDDDDEENU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Incident.note", `node(id: $incident) { ... on Incident { note } }`, "DNDDDDDEENU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Incident.note", `node(id: $complaint) { ... on Incident { note } }`, "DNDDDDDEDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"}, // of the household itself
	{"Incident.note", `node(id: $supplied) { ... on Incident { note } }`, "DNDDDDDDENU", "DNDDNDNNNNU", "DNNNNNNNNNU"},  // of the supplier itself
	{"Incident.resolutionNote", `node(id: $complaint) { ... on Incident { resolutionNote } }`, "DNDDDDDEENU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Incident.openedBy", `node(id: $incident) { ... on Incident { openedBy { id } } }`, "DNDDDDDDDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Order.incidents", `order(id: $o) { incidents { id } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.doorCode", `order(id: $o) { doorCode }`, "NXNNNNDNDNU", "NXNNXNXXXXU", "NXXXXXXXXXU"},
	{"Notice.title", `node(id: $notice) { ... on Notice { title } }`, "DNDDDDDNDNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Notice.body", `node(id: $notice) { ... on Notice { body } }`, "DNDDDDDNDNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Notice.reach", `node(id: $notice) { ... on Notice { reach { audience } } }`, "DNDDDDDNNNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"ToldResult.household", `markNoticeTold(input: { noticeId: $notice, householdIds: [$h] }) { results { userErrors { code } household { address } } userErrors { code } }`, "DXDDDDDFFFU", "DXDDCDCFFFU", "DXXXXXXXXXU"},
	{"Task.title", `node(id: $task) { ... on Task { title } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Task.place", `node(id: $task) { ... on Task { place } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Task.note", `node(id: $visited) { ... on Task { note } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Task.household", `node(id: $task) { ... on Task { household { address } } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Incident.task", `node(id: $atTask) { ... on Incident { task { title } } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"RoundDoor.address", `node(id: $round) { ... on Round { doors { address } } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Order.address", `order(id: $o) { address }`, "DXDDDDDDDDU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.label", `order(id: $o) { label }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.labels", `order(id: $o) { labels }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"BagLabel.text", `order(id: $o) { bagLabels { text } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.bin", `order(id: $sorted) { bin { code } }`, "DXDDDDDNNXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.externalNumber", `order(id: $o) { externalNumber }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.note", `order(id: $o) { note }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.totalFen", `order(id: $o) { totalFen }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.lines", `order(id: $o) { lines { id } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.household", `order(id: $o) { household { address } }`, "DXDDDDDNDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.unit", `order(id: $o) { unit { number } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.supplier", `order(id: $o) { supplier { code } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.taker", `order(id: $o) { taker { code } }`, "NXNNNNNNNNU", "NXNNXNXXXXU", "NXXXXXXXXXU"},
	{"Order.holder", `order(id: $o) { holder { ... on Volunteer { code } ... on Supplier { code } } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.reach", `order(id: $o) { reach { ... on Volunteer { code } ... on Supplier { code } } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.placedBy", `order(id: $o) { placedBy { id } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.movedBy", `order(id: $o) { movedBy { id } }`, "DXDDDDDDDNU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.history", `order(id: $o) { history { order { householdId } } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.notes", `order(id: $o) { notes { note } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.allowedMoves", `order(id: $o) { allowedMoves { to } }`, "DXDDDDEDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.stageTimes", `order(id: $o) { stageTimes { at } }`, "DXDDDDDDDDU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.purse", `order(id: $o) { purse { inHandFen } }`, "DXDDDNNNDNU", "DXDDXNXXXXU", "DXXXXXXXXXU"},
	{"Order.errand", `order(id: $fetch) { errand { kind } }`, "DXDDDDDXDXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.documents", `order(id: $fetch) { documents { kind } }`, "DXDDDDDXDXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Errand.answer", `order(id: $fetch) { errand { answer } }`, "DXDDDDDXDXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"ShoppingItem.item", `shoppingList(communityId: $c, orderIds: [$o]) { item }`, "DXDDDDDFFXU", "DXDDEDEFFXU", "DXXXXXXXXXU"},
	{"ShoppingItem.unit", `shoppingList(communityId: $c, orderIds: [$o]) { unit }`, "DXDDDDDFFXU", "DXDDEDEFFXU", "DXXXXXXXXXU"},
	{"Line.item", `order(id: $o) { lines { item } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Line.unit", `order(id: $o) { lines { unit } }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"OrderNote.version", `order(id: $o) { notes { version } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"OrderNote.at", `order(id: $o) { notes { at } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"OrderNote.by", `order(id: $o) { notes { by { role } } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"OrderNote.note", `order(id: $o) { notes { note } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"OrderNote.deviceTime", `order(id: $o) { notes { deviceTime } }`, "DXDDDDDEEEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.arrival", `order(id: $truckload) { arrival { number } }`, "DXDDNDNDNXU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Arrival.vehicle", `node(id: $arrival) { ... on Arrival { vehicle } }`, "DNDDNDNDNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Arrival.driverPhone", `node(id: $arrival) { ... on Arrival { driverPhone } }`, "MNMMNMNMNNU", "MNMMNMNNNNU", "MNNNNNNNNNU"},
	{"Board.arrivals", `board(communityId: $c) { arrivals { vehicle } }`, "DXDDEDEDEXU", "", "DXXXXXXXXXU"},
	{"Stray.label", `node(id: $stray) { ... on Stray { label } }`, "DNDDNDNNNNU", "", "DNNNNNNNNNU"},
	{"Stray.place", `node(id: $stray) { ... on Stray { place } }`, "DNDDNDNNNNU", "", "DNNNNNNNNNU"},
	{"Hold.householdId", `node(id: $quarantine) { ... on Hold { householdId } }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Hold.arrivalId", `node(id: $settling) { ... on Hold { arrivalId } }`, "DNDDDDDNNNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"ImportRow.text", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { text } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportRow.note", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { note } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportRow.number", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { number } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportRow.reason", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { reason } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportRow.message", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { message } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportRow.remarks", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { remarks } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportGood.item", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { goods { item } } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"ImportGood.unit", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { goods { unit } } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"AddressGuess.household", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { guesses { household { address } } } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"AddressGuess.address", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { guesses { address } } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"AddressGuess.why", `importRows(communityId: $c, importId: $import, outcomes: [REVIEW]) { nodes { guesses { why } } }`, "DXDDDFDEFXU", "DXDDEFEEFXU", "DXXXXXXXXXU"},
	{"Import.name", `node(id: $import) { ... on Import { name } }`, "DNDDDDDDNNU", "DNDDDDDNNNU", "DNNNNNNNNNU"},
	{"Enquiry.household", `node(id: $enquiry) { ... on Enquiry { household { address } } }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"Enquiry.phone", `node(id: $enquiry) { ... on Enquiry { phone } }`, "MNMEEEMNENU", "MNMENENNNNU", "MNNNNNNNNNU"},
	{"Enquiry.text", `node(id: $enquiry) { ... on Enquiry { text } }`, "DNDEEEDNENU", "DNDENENNNNU", "DNNNNNNNNNU"},
	{"Enquiry.text", `node(id: $wish) { ... on Enquiry { text } }`, "DNDEEEDNDNU", "DNDENENNNNU", "DNNNNNNNNNU"}, // of the household itself
	{"Enquiry.answer", `node(id: $enquiry) { ... on Enquiry { answer } }`, "DNDEEEDNENU", "DNDENENNNNU", "DNNNNNNNNNU"},
	{"Enquiry.script", `node(id: $enquiry) { ... on Enquiry { script } }`, "DNDDDDDNDNU", "DNDDNDNNNNU", "DNNNNNNNNNU"},
	{"TakeEnquiryPayload.callBack", `takeEnquiry(input: { communityId: $c, enquiryId: $asked }) { callBack userErrors { code } }`, "FXDFFFDFFXU", "FXDFFFXFFXU", "FXXXXXXXXXU"},
	{"Order.readBack", `order(id: $o) { readBack }`, "DXDDDDDDDEU", "DXDDXDXXXXU", "DXXXXXXXXXU"},
	{"Order.consentNote", `order(id: $o) { consentNote }`, "NXNNNNNNNNU", "NXNNXNXXXXU", "NXXXXXXXXXU"},
	{"RefusalDetails.readBack", `placeOrder(input: { householdId: $h, channel: PHONE, supplierId: $s, consentBy: CARER, lines: [{ item: $new, quantity: 1, unit: "袋" }] }) { userErrors { code details { readBack } } }`, "BXBBBBBXFXU", "BXBBXBXXXXU", "BXXXXXXXXXU"},
	{"Contact.household", `revealContact(input: { householdId: $h, orderId: $arrived, reason: "敲门无人" }) { contact { household { address } } userErrors { code } }`, "DXDDDFDXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Contact.name", `revealContact(input: { householdId: $h, orderId: $arrived, reason: "敲门无人" }) { contact { name } userErrors { code } }`, "DXDDDFDXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"Contact.phone", `revealContact(input: { householdId: $h, orderId: $arrived, reason: "敲门无人" }) { contact { phone } userErrors { code } }`, "DXDDDFDXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"RevealContactPayload.contact", `revealContact(input: { householdId: $h, orderId: $arrived, reason: "敲门无人" }) { contact { name } userErrors { code } }`, "DXDDDFDXFXU", "DXDDXFXXXXU", "DXXXXXXXXXU"},
	{"RevealRoundPayload.contacts", `revealRound(input: { communityId: $c, buildingId: $b, reason: "上门" }) { contacts { phone } userErrors { code } }`, "DXDDDFDFFFU", "DXDDFFFFFFU", "DXXXXXXXXXU"},
}

// impersonal are the texts about no person.
var impersonal = strings.Fields(`Viewer.name PageInfo.startCursor PageInfo.endCursor Community.code Community.name Community.timeZone Building.code Building.name
	Volunteer.code Supplier.code OrderEvent.cursor Activity.cursor ActivityNumber.name Board.feedCursor OrderConnection.feedCursor UserError.message UserError.field UserError.reason
	Community.quietFrom Community.quietUntil Target.timeOfDay RunEdge.cursor RoundEdge.cursor Proof.photoUrl Stray.photoUrl MoneyEntry.receiptUrl
	CellError.sheet CellError.cell CellError.reason CellError.message
	EnquiryEdge.cursor Import.stopped ImportEdge.cursor ImportRowEdge.cursor SettleRowResult.reason
	DemandRow.day DemandRow.item DemandRow.unit Forecast.day ForecastRow.item ForecastRow.unit GapRow.item GapRow.unit UnmetDay.day SoldOutOffer.item SoldOutOffer.unit HandsForecast.day
	PlanAgainstActual.day DailyReport.day CityBoard.day Rehearsal.day Rehearsal.advice RehearsedChange.what RehearsalComparison.sentence Scenario.name ScenarioValues.day CommunityEdge.cursor BuildingEdge.cursor HouseholdEdge.cursor RevealEdge.cursor VolunteerEdge.cursor SupplierEdge.cursor OrderEdge.cursor AccessCodeEdge.cursor IncidentEdge.cursor
	Shift.station AssignmentChange.why TaskEdge.cursor NoticeEdge.cursor Bin.code BinEdge.cursor RefusalDetails.binCode Package.code Package.name Package.unit OrderWindow.name Webhook.name Webhook.url WebhookResult.secret RotateWebhookSecretPayload.secret
	CodeResult.secret CodeResult.url CodeResult.qr TokenPayload.token BagLabel.qr`)

// personalTypes are the types whose every mention is personal; wholly personal are those whose every field is.
var (
	personalTypes  = []string{"PersonName", "Phone", "Need", "Household", "Contact", "Reveal", "RevealConnection", "OrderNote", "Line"}
	whollyPersonal = []string{"Contact", "Reveal", "OrderNote"}
)

// mustHaveRows are the fields of the schema that the matrix must hold, sorted.
func mustHaveRows(s *ast.Schema) (out []string) {
	for _, d := range s.Types {
		if d.Kind != ast.Object || d.BuiltIn || strings.HasPrefix(d.Name, "__") {
			continue
		}
		root := d == s.Query || d == s.Mutation || d == s.Subscription
		for _, f := range d.Fields {
			name, kind := d.Name+"."+f.Name, f.Type.Name()
			switch {
			case strings.HasPrefix(f.Name, "__"):
			case root, slices.Contains(personalTypes, kind), slices.Contains(whollyPersonal, d.Name):
				out = append(out, name)
			case kind == "String" && f.Name != "clientMutationId" && !slices.Contains(impersonal, name):
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestMatrixIsWhole checks that the matrix has a row for each field of the schema that it must have.
func TestMatrixIsWhole(t *testing.T) {
	t.Parallel()
	s := house.ReadSchema(t)
	rows := map[string]bool{}
	for _, r := range slices.Concat(rootRows, personalRows) {
		rows[r.field] = true
		noun, name, _ := strings.Cut(r.field, ".")
		if d := s.Types[noun]; d == nil || d.Fields.ForName(name) == nil {
			t.Errorf("there is a row for %s, which is not in the schema", r.field)
		}
	}
	for _, name := range mustHaveRows(s) {
		if !rows[name] {
			t.Errorf("%s has no row: say who may see it", name)
		}
	}
	for _, name := range impersonal {
		noun, field, _ := strings.Cut(name, ".")
		if d := s.Types[noun]; d == nil || d.Fields.ForName(field) == nil {
			t.Errorf("%s is called impersonal and is not in the schema", name)
		}
	}
}

// The helpers of the check above find what they should.
func TestMatrixMissesNothing(t *testing.T) {
	t.Parallel()
	s := house.SchemaOf(t, `
		scalar Phone
		type Query { home: Home list: [Home!]! }
		type Mutation { move: Int }
		type Home { id: ID! phone: Phone diary: String number: Int note: OrderNote clientMutationId: String }
		type OrderNote { at: Int }
		type Community { code: String! }`)
	want := []string{"Home.diary", "Home.note", "Home.phone", "Mutation.move", "OrderNote.at", "Query.home", "Query.list"}
	if got := mustHaveRows(s); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// matrix is two communities and an actor of every role in the first.
type matrix struct {
	*house.Estate
	other   *house.Estate
	tokens  map[string]string      // by viewer; changed by signOut
	peers   map[string]*house.Peer // by viewer
	drawn   int
	kept    map[string]bool // rounds that rows read
	subject map[string]obj  // variables by whose thing it is
}

// revealed is the name and phone of the households of the matrix, which only a reveal may show.
const revealedName, revealedPhone = "欧阳明月", "13612345678"

func newMatrix(t *testing.T, change ...func(*app.ServerSettings)) *matrix {
	t.Helper()
	e := house.NewEstate(t, append([]func(*app.ServerSettings){func(s *app.ServerSettings) { s.Cost, s.CostBurst, s.AddressFactor = 1e9, 1e9, 1 }}, change...)...)
	e.Desk()
	m := &matrix{Estate: e, other: e.Program.Estate("XILING", e.Clock), tokens: map[string]string{}, peers: map[string]*house.Peer{}, kept: map[string]bool{}}
	m.subject = map[string]obj{"another": m.things(e, "E7", "E7-1-1103", "yiyao", "S07")} // first, so that its events are
	m.subject["own"] = m.things(e, "E6", "E6-1-1403", "caiban", "S01")
	m.subject["elsewhere"] = m.things(m.other, "E6", "E6-1-1403", "caiban", "S01")
	m.subject["another"]["witness"] = m.subject["own"]["o"]
	m.tokens["ADMIN"] = e.InvitedAdmin(t)
	m.tokens["CITY"] = e.InvitedCity(t)
	for viewer, id := range map[string]string{"COMMANDER": e.Team["C01"], "LEAD": e.Team["S00"], "VOLUNTEER": e.Team["S01"], "DUTY": e.Team["D01"],
		"DESK": e.Team["Q01"], "SUPPLIER": e.Suppliers["caiban"]} {
		m.tokens[viewer] = e.SignIn(e.Invite(id))
	}
	m.tokens["RESIDENT"] = e.SignIn(e.Card(e.Homes["E6-1-1403"]))
	m.tokens["LINK"] = e.SignIn(e.Link(m.subject["own"]["o"].(string)))
	for _, v := range viewers {
		m.peers[v] = e.Dial(t, m.tokens[v], "")
	}
	return m
}

// things returns the ids of one of everything: an order with a note that has not left yet, and one that waits at the building.
func (m *matrix) things(e *house.Estate, building, door, supplier, volunteer string) obj {
	e.T.Helper()
	home := e.Homes[door]
	e.Update(e.As("C01"), "household", obj{"id": home, "contactName": revealedName, "phone": revealedPhone, "needs": []string{"INFANT"}})
	e.Update(e.As("C01"), "building", obj{"id": e.Buildings[building], "accessNote": "从东门进"})
	e.Update(e.As("C01"), "volunteer", obj{"id": e.Team[volunteer], "homeOrganisation": "西陵税务分局"})
	at := e.Clock.Now().Format(time.RFC3339)
	start := e.Cursor()
	quarantine := e.Hold(obj{"subjectIds": []string{home}, "reason": "SEALED"})[0]
	e.Release(home)
	order := e.Place(door, obj{"supplierId": e.Suppliers[supplier], "note": "请放门口", "externalNumber": "JD-1"})
	in := house.MoveTo("DISPATCHED", order)
	in["note"], in["deviceTime"] = "堵车", at
	e.AdvanceAs(e.As("C01"), in)
	e.Undo(e.As("C01"), order)
	hold := e.Hold(obj{"subjectIds": []string{order}, "reason": "TESTING", "note": "三楼核酸"})[0]
	e.Release(order)
	carried := obj{"b": e.Buildings[building]}
	m.run("Mutation.acceptDrop", carried, e, door, supplier)
	m.endRuns(e)
	out := e.Place(door, obj{"supplierId": e.Suppliers[supplier]})
	e.Bring(out, "AT_BUILDING")
	var climb struct {
		StartRound struct{ Round struct{ ID string } }
	}
	e.Must(e.As(volunteer), `mutation ($o: ID!) { startRound(input: { orderIds: [$o] }) { round { id } userErrors { message } } }`, obj{"o": out}, &climb)
	m.kept[climb.StartRound.Round.ID] = true
	arrived := e.Place(door, obj{"supplierId": e.Suppliers[supplier]})
	e.Bring(arrived, "AT_BUILDING")
	if c, refused := reveal(e, e.As("C01"), obj{"householdId": home, "orderId": arrived, "reason": "回访"}); c == nil {
		e.T.Fatal(refused)
	}
	incident := e.Report(e.As("C01"), obj{"kind": "DAMAGED", "subjectId": order, "note": "袋子破了"})
	complaint := e.Report(e.As(door), obj{"kind": "COMPLAINT", "subjectId": order, "note": "等了两小时"})
	e.Resolve(e.As("C01"), "ANSWERED", "已致电道歉", complaint)
	waiting, sorted := e.Place(door, obj{"supplierId": e.Suppliers[supplier]}), e.Place(door, obj{"supplierId": e.Suppliers[supplier]})
	e.Bring(waiting, "AT_GATE")
	e.Bring(sorted, "SORTED")
	supplied := e.Report(e.As(supplier), obj{"kind": "MISSING", "subjectId": order, "note": "漏装一袋"})
	truckload, settling := e.Place(door, obj{"supplierId": e.Suppliers[supplier]}), e.Place(door, obj{"supplierId": e.Suppliers[supplier]})
	truck := func(orders ...string) string {
		return e.Gate(e.As("C01"), "announceArrival", obj{"supplierId": e.Suppliers[supplier], "vehicle": "鄂E·12345", "driverPhone": "13612340000",
			"orders": house.Each(orders, func(id string) obj { return obj{"orderId": id} })}).Arrival.ID
	}
	arrival := truck(settling)
	e.Gate(e.As("C01"), "receiveArrival", obj{"arrivalId": arrival, "allButListed": true, "complete": true, "settleUntil": e.Clock.Now().Add(time.Hour)})
	var held struct {
		Order struct{ Holds []struct{ ID string } }
	}
	e.Must(e.As("C01"), `query ($id: ID!) { order(id: $id) { holds { id } } }`, obj{"id": settling}, &held)
	enquiry, caller, wish := m.enquiries(e, home, door)
	unit := door[:strings.LastIndex(door, "-")]
	var set struct {
		SetWebhooks struct {
			Results []struct{ Webhook struct{ ID string } }
		}
	}
	e.Must(e.As("C01"), `mutation ($c: ID!, $s: ID!) { setWebhooks(input: { communityId: $c, supplierId: $s, webhooks: [{ name: "仓库", url: "https://hooks.example/", off: true }] }) { results { webhook { id } } } }`,
		obj{"c": e.Community, "s": e.Suppliers[supplier]}, &set)
	var planned struct {
		SaveScenario struct{ Scenario struct{ ID string } }
	}
	e.Must(e.As("C01"), `mutation ($c: ID!) { saveScenario(input: { communityId: $c, name: "雨天", scenario: { communityId: $c, orders: 9 } }) { scenario { id } } }`, obj{"c": e.Community}, &planned)
	pack, window := e.Sell(supplier)
	tasks, notice := m.tasks(e, home), m.notices(e, building)
	e.Plan(30)
	var coming []string
	if volunteer == "S01" { // once in an estate: the lead could take buildings over
		coming = append(coming, e.Team["S00"])
	}
	basket := e.PlaceAs(e.As(door), obj{"householdId": home, "channel": "APP", "windowId": window, "lines": []obj{{"packageId": pack, "quantity": "1"}}})
	fetch, returned := m.errand(e, home, volunteer, order, arrived)
	return obj{"scenario": planned.SaveScenario.Scenario.ID, "notice": notice, "enquiry": enquiry, "caller": caller, "wish": wish, "shift": e.Shift("SUPPLY", time.Hour, coming...), "fetch": fetch, "returned": returned, "task": tasks[0], "visited": tasks[1], "atTask": tasks[2], "point": tasks[3], "today": at[:10], "import": m.imports(e, building, supplier), "webhook": set.SetWebhooks.Results[0].Webhook.ID, "package": pack, "window": window, "basket": basket, "opens": at, "quarantine": quarantine, "truckload": truckload, "arrival": arrival, "settling": held.Order.Holds[0].ID, "stray": m.stray(e), "later": e.Clock.Now().Add(24 * time.Hour).Format(time.RFC3339),
		"c": e.Community, "b": e.Buildings[building], "u": e.Units[unit], "h": home, "o": order, "arrived": arrived, "s": e.Suppliers[supplier],
		"v": e.Team[volunteer], "hold": hold, "incident": incident, "complaint": complaint, "supplied": supplied, "witness": order, "start": start, "round": climb.StartRound.Round.ID, "spareVolunteer": e.Team["P01"], "spareHome": e.Homes["E10-1-1103"],
		"waiting": waiting, "sorted": sorted, "bin": e.DefaultBin(building), "qr": order + "/1"}
}

// errand places an errand of the volunteer with an answer and a document that is back, and gives one order an open purse and another one that is even.
func (*matrix) errand(e *house.Estate, home, volunteer, open, even string) (order, returned string) {
	order = e.PlaceAs(e.As(volunteer), obj{"householdId": home, "channel": "ERRAND", "errandKind": "HOSPITAL", "lines": []obj{{"item": "取药", "quantity": 1, "unit": "次"}}})
	var got struct {
		TakeDocuments struct{ DocumentIds []string }
	}
	e.Must(e.As("C01"), `mutation ($o: ID!) { takeDocuments(input: { orderId: $o, kinds: [MEDICAL_CARD] }) { documentIds userErrors { message } } }`, obj{"o": order}, &got)
	returned = got.TakeDocuments.DocumentIds[0]
	e.Must(e.As("C01"), `mutation ($d: ID!, $o: ID!, $open: ID!, $even: ID!) {
		returnDocuments(input: { documents: [{ documentId: $d }] }) { results { userErrors { message } } userErrors { message } }
		answerErrand(input: { orderId: $o, answer: "药已取" }) { userErrors { message } }
		a: recordMoney(input: { orderId: $open, entries: [{ kind: IN, party: HOUSEHOLD, amountFen: 10000 }] }) { results { userErrors { message } } userErrors { message } }
		b: recordMoney(input: { orderId: $even, entries: [{ kind: IN, party: FUND, amountFen: 100 }, { kind: BACK, party: FUND, amountFen: 100 }] }) { results { userErrors { message } } userErrors { message } }
	}`, obj{"d": returned, "o": order, "open": open, "even": even}, &struct{}{})
	return order, returned
}

// enquiries logs an enquiry that was answered, one of an unknown caller, and one that the household logs itself, which is answered too.
func (m *matrix) enquiries(e *house.Estate, home, door string) (enquiry, caller, wish string) {
	enquiry = e.Enquiry(e.As("C01"), obj{"householdId": home, "phone": "13612345678", "text": "有药吗", "answer": "有"})
	caller = e.Enquiry(e.As("C01"), obj{"phone": "13612345678"})
	wish = e.Enquiry(e.As(door), obj{"householdId": home, "way": "APP", "text": "想要两盒牛奶"})
	return enquiry, caller, wish
}

// asked logs an enquiry to act on. The commander may have taken another before.
func (m *matrix) asked(field string, have obj, e *house.Estate) func() {
	commander := e.As("C01")
	end := func() {
		var held struct {
			Enquiries struct {
				Nodes []struct {
					ID      string
					TakenBy *struct{ Code string }
				}
			}
		}
		e.Must(commander, `query ($c: ID!) { enquiries(communityId: $c, filter: { states: [TAKEN] }) { nodes { id takenBy { code } } } }`, obj{"c": e.Community}, &held)
		for _, q := range held.Enquiries.Nodes {
			e.Must(e.As(q.TakenBy.Code), `mutation ($q: ID!) { closeEnquiry(input: { enquiryId: $q, outcome: NOT_NEEDED }) { userErrors { message } } }`, obj{"q": q.ID}, &struct{}{})
		}
	}
	end()
	have["asked"] = e.Enquiry(commander, obj{"householdId": have["h"], "phone": "0717-6012345"})
	if field == "Mutation.postponeEnquiry" || field == "Mutation.closeEnquiry" {
		e.Must(commander, `mutation ($c: ID!, $q: ID!) { takeEnquiry(input: { communityId: $c, enquiryId: $q }) { userErrors { message } } }`, obj{"c": e.Community, "q": have["asked"]}, &struct{}{})
	}
	return end
}

// imports imports a file of which one order waits, because it names two doors.
func (m *matrix) imports(e *house.Estate, building, supplier string) string {
	var got struct {
		ImportOrders struct {
			Import     struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	m.drawn++
	number := fmt.Sprintf("Z%d", m.drawn)
	text := "单号,地址,商品,数量,单价,备注\n" + number + "," + building + "-1-1103,米,1袋,面议,轻放\n" + number + "," + building + "-1-1203,米,1袋,面议,轻放\n"
	e.Must(e.As("C01"), `mutation ($i: ImportOrdersInput!) { importOrders(input: $i) { import { id } userErrors { message } } }`, obj{"i": obj{"communityId": e.Community,
		"kind": "CSV", "supplierId": e.Suppliers[supplier], "buildingId": e.Buildings[building], "name": "晚单.csv", "text": text}}, &got)
	return got.ImportOrders.Import.ID
}

// tasks returns a task of the patrol about a household, one that met a problem, the incident of that, and one at a place.
func (*matrix) tasks(e *house.Estate, home string) []string {
	var got struct {
		CreateTasks struct {
			Results []struct{ Task struct{ ID string } }
		}
		FinishTasks struct {
			Results []struct {
				Task struct{ Incident struct{ ID string } }
			}
		}
	}
	visit := obj{"kind": "VISIT", "title": "看看老人", "place": "门口", "householdId": home, "dueAt": e.Clock.Now()}
	e.Must(e.As("C01"), `mutation ($i: CreateTasksInput!) { createTasks(input: $i) { results { task { id } } userErrors { message } } }`, obj{"i": obj{"communityId": e.Community,
		"squad": "PATROL", "tasks": []obj{visit, visit, {"kind": "PATROL", "title": "东门", "dueAt": e.Clock.Now()}}}}, &got)
	t := got.CreateTasks.Results
	e.Must(e.As("C01"), `mutation ($t: ID!) { finishTasks(input: { ids: [$t], state: PROBLEM, note: "没人应门" }) { results { task { incident { id } } } userErrors { message } } }`, obj{"t": t[1].Task.ID}, &got)
	return []string{t[0].Task.ID, t[1].Task.ID, got.FinishTasks.Results[0].Task.Incident.ID, t[2].Task.ID}
}

// notices publishes a notice to the suppliers and one to the households of a building, which it returns.
func (*matrix) notices(e *house.Estate, building string) string {
	var got struct {
		PublishNotice struct{ Notice struct{ ID string } }
	}
	for _, to := range []obj{{"households": false, "suppliers": true}, {"buildingIds": []string{e.Buildings[building]}}} {
		to["communityId"], to["kind"], to["title"], to["body"] = e.Community, "NOTICE", "停水通知", "今晚停水"
		e.Must(e.As("C01"), `mutation ($i: PublishNoticeInput!) { publishNotice(input: $i) { notice { id } userErrors { message } } }`, obj{"i": to}, &got)
	}
	return got.PublishNotice.Notice.ID
}

// stray logs a bag that no order is found for.
func (*matrix) stray(e *house.Estate) string {
	return e.Gate(e.As("C01"), "logStrays", obj{"communityId": e.Community, "strays": []obj{{"label": "看不清", "place": "3 号架"}}}).Results[0].Stray.ID
}

// of returns the estate of a subject.
func (m *matrix) of(subject string) *house.Estate {
	if subject == "elsewhere" {
		return m.other
	}
	return m.Estate
}

var variable = regexp.MustCompile(`\$\w+`)

// stage is what a row's operations act on. A refused call changes nothing, so the next caller acts on the same.
type stage struct {
	m       *matrix
	field   string
	subject string
	have    obj
	restore func() // nil if nothing is prepared
}

// next returns the variables of the next call.
func (s *stage) next() obj {
	if s.restore == nil {
		s.have = maps.Clone(s.m.subject[s.subject])
		s.m.draw(s.have)
		s.restore = s.m.prepare(s.field, s.have, s.m.of(s.subject))
	}
	s.m.draw(s.have)
	return s.have
}

// done restores the previous state, unless the call was refused.
func (s *stage) done(refused bool) {
	if !refused {
		s.end()
	}
}

// end restores the previous state.
func (s *stage) end() {
	if s.restore != nil {
		s.restore()
		s.restore = nil
	}
}

// refusedLetters are those of calls that change nothing.
const refusedLetters = "NXFUBC"

// cell returns the letter of a viewer's result.
func (m *matrix) cell(t *testing.T, r row, viewer string, s *stage) (letter string) {
	t.Helper()
	have := s.next()
	defer func() { s.done(strings.Contains(refusedLetters, letter)) }()
	operation, text, in := r.document(have)
	var a house.Response
	if operation == "Subscription" {
		a = m.peers[viewer].Operate(text, in).First()
	} else {
		a = m.Ask(m.tokens[viewer], text, in)
	}
	shown := string(a.Data) + fmt.Sprint(a.Errors)
	if !strings.Contains(r.ask, "reveal") && (strings.Contains(shown, revealedName) || strings.Contains(shown, revealedPhone)) {
		t.Errorf("%s was shown a name or a phone whole: %s", viewer, shown)
	}
	if len(a.Errors) > 0 {
		return letterOf(t, a.Code())
	}
	if operation == "Mutation" {
		if code := house.RefusedWith.FindStringSubmatch(string(a.Data)); code != nil {
			return letterOf(t, code[1])
		}
	}
	var data any
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatal(err)
	}
	got := kindOf(t, data)
	if (r.field == "Subscription.orderEvents" || r.field == "Subscription.events") && !strings.Contains(string(a.Data), have["o"].(string)) {
		return "E" // the first event that they may see is another's
	}
	return got
}

// draw adds the values that must be unique.
func (m *matrix) draw(have obj) {
	m.drawn++
	have["new"], have["n"] = fmt.Sprintf("X%d", m.drawn), 10+m.drawn%80
}

// document returns the operation that selects the row, with its variables.
func (r row) document(have obj) (operation, text string, in obj) {
	head, in := []string{}, obj{}
	for _, v := range slices.Compact(slices.Sorted(slices.Values(variable.FindAllString(r.ask, -1)))) {
		kind := "ID!"
		switch v {
		case "$new", "$start", "$qr", "$today", "$secret", "$token":
			kind = "String!"
		case "$later", "$opens":
			kind = "DateTime!"
		case "$n", "$version":
			kind = "Int!"
		}
		head, in[v[1:]] = append(head, v+": "+kind), have[v[1:]]
	}
	operation, _, _ = strings.Cut(r.field, ".")
	if strings.Contains(r.ask, "(input:") {
		operation = "Mutation"
	}
	if operation != "Mutation" && operation != "Subscription" {
		operation = "Query"
	}
	text = strings.ToLower(operation)
	if len(head) > 0 {
		text += "(" + strings.Join(head, ", ") + ")"
	}
	return operation, text + " { " + r.ask + " }", in
}

func letterOf(t *testing.T, code string) string {
	t.Helper()
	l := map[string]string{"NOT_FOUND": "X", "FORBIDDEN": "F", "UNAUTHENTICATED": "U", "BAD_USER_INPUT": "B", "CONFLICT": "C"}[code]
	if l == "" {
		t.Errorf("got %q", code)
	}
	return l
}

// kindOf returns the letter of the value at the end of an answer, down the first field and the first item of each list.
func kindOf(t *testing.T, v any) string {
	t.Helper()
	switch v := v.(type) {
	case nil:
		return "N"
	case map[string]any:
		keys := slices.DeleteFunc(slices.Sorted(maps.Keys(v)), func(k string) bool { return k == "userErrors" || k == "results" })
		if len(keys) == 0 {
			return "D"
		}
		return kindOf(t, v[keys[0]])
	case []any:
		if len(v) == 0 {
			return "E"
		}
		return kindOf(t, v[0])
	case string:
		if v == "" {
			return "E"
		}
		if strings.Contains(v, "*") {
			return "M"
		}
	case float64:
		if v == 0 {
			return "E"
		}
	}
	return "D"
}

// run makes a run with what the mutation needs, and a sorted order of the door.
func (m *matrix) run(field string, have obj, e *house.Estate, door, supplier string) {
	commander := e.As("C01")
	sorted := e.Place(door, obj{"supplierId": e.Suppliers[supplier]})
	e.Advance(commander, "AT_GATE", sorted)
	e.Advance(commander, "SORTED", sorted)
	var got struct {
		StartRun struct{ Run struct{ ID string } }
	}
	e.Must(commander, `mutation ($c: ID!, $v: ID!) { startRun(input: { communityId: $c, volunteerId: $v, capacity: 9 }) { run { id } userErrors { message } } }`,
		obj{"c": e.Community, "v": e.Team["T01"]}, &got)
	have["sorted"], have["run"] = sorted, got.StartRun.Run.ID
	if field == "Mutation.loadRun" || field == "Mutation.cancelRun" {
		return
	}
	e.Must(commander, `mutation ($r: ID!, $o: ID!) { loadRun(input: { runId: $r, orderIds: [$o] }) { userErrors { message } } }`, obj{"r": have["run"], "o": sorted}, &struct{}{})
	if field == "Mutation.acceptDrop" {
		e.Must(commander, `mutation ($r: ID!, $b: ID!) { dropAtBuilding(input: { runId: $r, buildingId: $b, bags: 1 }) { userErrors { message } } }`, obj{"r": have["run"], "b": have["b"]}, &struct{}{})
	}
}

// climb makes what the mutation on a round needs: an order of the resident's door on the shelf, out with the round of the building's
// volunteer, or handed over.
func (m *matrix) climb(field string, have obj, e *house.Estate) {
	order := e.Place("E6-1-1403", obj{"supplierId": e.Suppliers["yiyao"]})
	e.Bring(order, "AT_BUILDING")
	have["shelved"], have["received"] = order, order
	switch field {
	case "Mutation.endRound":
		var got struct {
			StartRound struct{ Round struct{ ID string } }
		}
		e.Must(e.As("S00"), `mutation ($o: ID!) { startRound(input: { orderIds: [$o] }) { round { id } userErrors { message } } }`, obj{"o": order}, &got)
		have["round"] = got.StartRound.Round.ID
	case "Mutation.confirmReceipt", "Mutation.dispute":
		e.Advance(e.As("C01"), "DELIVERED", order)
	}
}

// endRounds ends the open rounds of the estate that no row needs.
func (m *matrix) endRounds(e *house.Estate) {
	commander := e.As("C01")
	var open struct {
		Rounds struct{ Nodes []struct{ ID string } }
	}
	e.Must(commander, `query ($c: ID!) { rounds(communityId: $c, open: true) { nodes { id } } }`, obj{"c": e.Community}, &open)
	for _, r := range open.Rounds.Nodes {
		if m.kept[r.ID] {
			continue
		}
		e.Must(commander, `mutation ($r: ID!) { endRound(input: { roundId: $r }) { userErrors { message } } }`, obj{"r": r.ID}, &struct{}{})
	}
}

// endRuns ends the open runs of the estate.
func (m *matrix) endRuns(e *house.Estate) {
	commander := e.As("C01")
	var open struct {
		Runs struct{ Nodes []struct{ ID string } }
	}
	e.Must(commander, `query ($c: ID!) { runs(communityId: $c, open: true) { nodes { id } } }`, obj{"c": e.Community}, &open)
	for _, r := range open.Runs.Nodes {
		e.Must(commander, `mutation ($r: ID!) { finishRun(input: { runId: $r }) { userErrors { message } } }`, obj{"r": r.ID}, &struct{}{})
	}
}

// prepare makes the subject of a mutation. The function it returns restores the previous state.
func (m *matrix) prepare(field string, have obj, e *house.Estate) (restore func()) {
	order, _ := have["o"].(string)
	commander := e.As("C01")
	back := func() { // to the stage at which the order waits for its supplier
		if o := e.Order(commander, order); o.Stage != "PLACED" {
			e.Undo(commander, order)
		}
	}
	switch field {
	case "Mutation.advanceOrders", "Mutation.cancelOrder":
		return back
	case "Mutation.sortOrders":
		return func() {
			if o := e.Order(commander, have["waiting"].(string)); o.Stage == "SORTED" {
				e.Undo(commander, o.ID)
			}
		}
	case "Mutation.undoMove":
		e.Advance(commander, "DISPATCHED", order)
		have["version"] = e.Order(commander, order).Version
		return back
	case "Mutation.placeHold":
		return func() {
			if e.Order(commander, order).Held {
				e.Release(order)
			}
		}
	case "Mutation.releaseHold":
		have["hold"] = e.Hold(obj{"subjectIds": []string{order}, "reason": "TESTING"})[0]
		return func() {
			if e.Order(commander, order).Held {
				e.Release(order)
			}
		}
	case "Mutation.startRound", "Mutation.handOver", "Mutation.endRound", "Mutation.confirmReceipt", "Mutation.dispute":
		m.climb(field, have, e)
		return func() { m.endRounds(e) }
	case "Mutation.startRun":
		have["carrier"] = e.Team["T01"]
		return func() { m.endRuns(e) }
	case "Mutation.loadRun", "Mutation.departRun", "Mutation.dropAtBuilding", "Mutation.acceptDrop", "Mutation.finishRun", "Mutation.cancelRun":
		m.run(field, have, e, "E6-1-1103", "caiban")
		return func() { m.endRuns(e) }
	case "Mutation.announceArrival":
		return func() { e.CancelArrivals(have["later"].(string)[:10]) }
	case "Order.arrival", "Mutation.arrive", "Mutation.cancelArrival", "Mutation.receiveArrival":
		a := e.Gate(commander, "announceArrival", obj{"supplierId": have["s"], "expectedAt": have["later"], "orders": []obj{{"orderId": have["truckload"]}}}).Arrival
		have["coming"] = a.ID
		return func() { e.CancelArrivals(have["later"].(string)[:10]) }
	case "Mutation.checkIn", "Mutation.checkOut":
		volunteer := have["v"].(string)
		have["duty"] = e.Shift("SUPPLY", time.Hour, volunteer)
		if field == "Mutation.checkOut" {
			e.CheckIn(have["duty"].(string), volunteer)
		}
		return func() {
			e.EndShift(have["duty"].(string), volunteer)
			e.Update(commander, "volunteer", obj{"id": volunteer, "reachable": true})
		}
	case "Mutation.releaseReserve":
		for supplier, id := range e.Suppliers {
			if id == have["s"] {
				_, have["reserved"] = e.Sell(supplier, obj{"stock": "9", "phoneReserve": "3"})
			}
		}
	case "Mutation.amendOrder":
		have["version"] = e.Order(commander, have["basket"].(string)).Version
	case "Mutation.importEstate":
		community, err := delivery.ParseID(e.Community)
		if err != nil {
			e.T.Fatal(err)
		}
		have["sheet"] = delivery.ID{Kind: delivery.KindFile, Community: community.Community, UUID: "01890000-0000-7000-8000-000000000000"}.String()
	case "Mutation.settleImportRows":
		building := "E6"
		if have["b"] == e.Buildings["E7"] {
			building = "E7"
		}
		for code, id := range e.Suppliers {
			if id == have["s"] {
				have["import"] = m.imports(e, building, code)
			}
		}
	case "Mutation.finishTasks":
		var got struct {
			CreateTasks struct {
				Results []struct{ Task struct{ ID string } }
			}
		}
		e.Must(commander, `mutation ($c: ID!, $h: ID!, $d: DateTime!) { createTasks(input: { communityId: $c, squad: SUPPLY, tasks: [{ kind: VISIT, title: "看看", householdId: $h, dueAt: $d }] }) { results { task { id } } userErrors { message } } }`,
			obj{"c": e.Community, "h": have["h"], "d": have["later"]}, &got)
		have["job"] = got.CreateTasks.Results[0].Task.ID
	case "Mutation.takeEnquiry", "Mutation.postponeEnquiry", "Mutation.closeEnquiry", "TakeEnquiryPayload.callBack":
		return m.asked(field, have, e)
	case "Mutation.closeStrays":
		have["found"] = m.stray(e)
	case "Mutation.reportIncidents":
		return func() { m.endIncidents(e, order, "OTHER") }
	case "Mutation.takeIncidents", "Mutation.resolveIncidents":
		have["incident"] = e.Report(commander, obj{"kind": "SAFETY", "subjectId": order})
		return func() { m.endIncidents(e, order, "SAFETY") }
	case "Mutation.revokeCodes":
		e.Card(have["spareHome"].(string))
		var got struct {
			Codes struct{ Nodes []struct{ ID string } }
		}
		e.Must(commander, `query ($c: ID!, $h: ID!) { codes(communityId: $c, filter: { subjectIds: [$h] }) { nodes { id } } }`, obj{"c": e.Community, "h": have["spareHome"]}, &got)
		have["code"] = got.Codes.Nodes[0].ID
	case "Mutation.redeemCode":
		have["secret"] = e.Card(have["spareHome"].(string))
	case "Mutation.refreshToken":
		have["token"] = e.SignIn(e.Card(have["spareHome"].(string)))
	}
	return func() {}
}

// endIncidents resolves the open incidents of a kind about an order.
func (m *matrix) endIncidents(e *house.Estate, order, kind string) {
	e.T.Helper()
	var open struct {
		Incidents struct{ Nodes []struct{ ID string } }
	}
	e.Must(e.As("C01"), `query ($c: ID!, $o: [ID!], $k: [IncidentKind!]) { incidents(communityId: $c, states: [OPEN, TAKEN], kinds: $k, filter: { orderIds: $o }) { nodes { id } } }`,
		obj{"c": e.Community, "o": []string{order}, "k": []string{kind}}, &open)
	for _, i := range open.Incidents.Nodes {
		e.Resolve(e.As("C01"), "NO_FAULT", "", i.ID)
	}
}

// share is how many viewers there are for each that tries a row: all of them try it in CI, a sixth in a plain run. It is another
// sixth for each row and in each run.
var share = volume.InCI(6, 1)

// TestMatrix selects every field as every actor.
func TestMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	for _, r := range slices.Concat(personalRows, rootRows) {
		t.Run(r.field, func(t *testing.T) {
			for subject, want := range map[string]string{"own": r.own, "another": r.another, "elsewhere": r.elsewhere} {
				if want == "" {
					continue
				}
				got, turn := []byte(want), rand.IntN(share)
				s := &stage{m: m, field: r.field, subject: subject}
				for i, v := range viewers {
					if i%share == turn {
						got[i] = m.cell(t, r, v, s)[0]
					}
				}
				s.end()
				if string(got) != want {
					t.Errorf("%s: got  %s\nwant %s\nof   %v", subject, got, want, viewers)
				}
			}
		})
	}
}
