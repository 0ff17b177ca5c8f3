package delivery

// Quota is a kind of writing that is limited per account and per day of the community.
type Quota string

// The quotas.
const (
	QuotaOrders    Quota = "ORDERS"    // orders placed, cancelled ones included
	QuotaLines     Quota = "LINES"     // lines of those orders
	QuotaText      Quota = "TEXT"      // bytes of free text: notes, items, units, numbers of platforms, lists that are pasted, rows of imports that wait
	QuotaEvents    Quota = "EVENTS"    // events of the account's calls
	QuotaHolds     Quota = "HOLDS"     // holds placed
	QuotaCodes     Quota = "CODES"     // invitations, cards and links issued
	QuotaRows      Quota = "ROWS"      // places, people and suppliers added or corrected
	QuotaSignIns   Quota = "SIGN_INS"  // sign-ins begun by a code for the account
	QuotaEnquiries Quota = "ENQUIRIES" // enquiries logged
	QuotaFiles     Quota = "FILES"     // photos and sheets sent, a sheet once for each MaxFileBytes, and tables downloaded
)

// Quotas lists the quotas.
var Quotas = []Quota{QuotaOrders, QuotaLines, QuotaText, QuotaEvents, QuotaHolds, QuotaCodes, QuotaRows, QuotaSignIns, QuotaFiles, QuotaEnquiries}

// Allowance is how much of each quota an account may use in one day. A missing quota has no limit.
type Allowance map[Quota]int64

// kib is the unit in which QuotaText is set.
const kib = 1 << 10

// allowances by role leave room above real days: a household orders once or twice a day; a supply volunteer orders by
// telephone for more than 200 households; the gate moves some 4,000 orders twice; a commander gives cards to 3,700 households.
// docs/decisions/0026-quotas.md adds up a commander's busiest day.
var allowances = map[Role]Allowance{
	RoleResident:  {QuotaOrders: 30, QuotaLines: 500, QuotaText: 64 * kib, QuotaEvents: 300, QuotaCodes: 60, QuotaSignIns: 50, QuotaFiles: 30, QuotaEnquiries: 20},
	RoleSupplier:  {QuotaText: 16384 * kib, QuotaEvents: 50_000, QuotaSignIns: 50, QuotaFiles: 200},
	RoleVolunteer: {QuotaOrders: 500, QuotaLines: 10_000, QuotaText: 4096 * kib, QuotaEvents: 50_000, QuotaCodes: 500, QuotaSignIns: 50, QuotaFiles: 400, QuotaEnquiries: 1000},
	RoleLead:      {QuotaOrders: 2000, QuotaLines: 40_000, QuotaText: 16384 * kib, QuotaEvents: 100_000, QuotaHolds: 5000, QuotaCodes: 2000, QuotaRows: 5000, QuotaSignIns: 50, QuotaFiles: 400, QuotaEnquiries: 2000},
	RoleCommander: {QuotaOrders: 5000, QuotaLines: 100_000, QuotaText: 65536 * kib, QuotaEvents: 200_000, QuotaHolds: 20_000, QuotaCodes: 20_000, QuotaRows: 50_000, QuotaSignIns: 50, QuotaFiles: 400, QuotaEnquiries: 5000},
	RoleAdmin:     {QuotaOrders: 20_000, QuotaLines: 400_000, QuotaText: 262144 * kib, QuotaEvents: 800_000, QuotaHolds: 80_000, QuotaCodes: 80_000, QuotaRows: 200_000, QuotaFiles: 2000, QuotaEnquiries: 20000},
	RoleLink:      {QuotaSignIns: 200},
}

// AllowanceOf returns the daily allowance of an account with the role, times a factor. For a factor of 0 it returns nil, which
// has no limits.
func AllowanceOf(r Role, factor int) Allowance {
	if factor <= 0 || allowances[r] == nil {
		return nil
	}
	out := Allowance{}
	for quota, n := range allowances[r] {
		out[quota] = n * int64(factor)
	}
	return out
}
