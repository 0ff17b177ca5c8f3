package limit

// Step is how many bytes a peer must send, or take, within Limits.WriteTimeout.
const Step = 16 << 10

// Unreserved is the most bytes of a message that need no reservation.
const Unreserved = 4 << 10

// Reservation is a number of bytes in a tally, held by a request until it is answered.
type Reservation struct {
	of  *Tally
	key string
	n   int
}

// NewReservation makes an empty reservation for a key.
func NewReservation(of *Tally, key string) Reservation { return Reservation{of: of, key: key} }

// Key is whose bytes they are.
func (r *Reservation) Key() string { return r.key }

// Grow raises the reservation to n bytes in all. It reports false if the budget of bytes is used up.
func (r *Reservation) Grow(n int) bool {
	if n <= r.n {
		return true
	}
	if !r.of.takeMany(r.key, n-r.n) {
		return false
	}
	r.n = n
	return true
}

// Take empties the reservation and returns what it held. The caller must release that.
func (r *Reservation) Take() Reservation {
	taken := *r
	r.n = 0
	return taken
}

// Release returns the bytes. It is idempotent.
func (r *Reservation) Release() {
	r.of.giveMany(r.key, r.n)
	r.n = 0
}
