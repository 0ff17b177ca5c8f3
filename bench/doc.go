// Package bench measures: what a delivery, an idle socket, a move and a board cost, each beside a yardstick that is
// measured in the same run. The server under test is a process of its own, the program as it is shipped, reached only
// through its public protocol; whatever holds sockets, and every yardstick, is a further process of the same program.
//
// It measures and does not test, but never gives a number for deliveries that are not complete.
package bench
