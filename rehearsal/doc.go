// Package rehearsal simulates a day of the chain before it happens: trucks, the gate, settling, sorting, carts and doors,
// and the phone desk. It tells whether everything is delivered in time, where queues build, and where one more
// person helps most.
//
// It is a discrete-event simulation. It reads no clock, no database and no network. The same scenario gives the same answer on
// every machine and with any number of workers: times are whole milliseconds, each source of randomness has a stream of its
// own, and sums are sums of integers.
package rehearsal
