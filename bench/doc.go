// Package bench measures the cost of a delivery, an idle socket, a move and a board, each beside a yardstick that is
// measured in the same run. The server under test is a separate process, the program as it is shipped, reached only
// through its public protocol. The load and each yardstick run in further processes of the same program.
//
// It tests nothing, but it reports no number if deliveries are incomplete.
package bench
