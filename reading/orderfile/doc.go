// Package orderfile reads the files of orders that platforms and shops send: one row for each good, or a cross table with a row for each door
// and a column for each good.
//
// The row that names the columns is found by the words that shops use; rows above it, totals, repeated headers and signatures are passed over
// and reported. Rows with the same number are one order, also where they stand apart. In a file without numbers the rows of one door are one order.
//
// A file is read twice: once to see which rows belong together, and once to read each order. Between the two only the places of the rows are
// kept, so that a CSV of 50 MB is read within 200 MB.
package orderfile
