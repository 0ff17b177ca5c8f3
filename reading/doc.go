// Package reading describes what was read from the files and lists that shops, chat groups and estates send: rows with the reasons why they
// wait or are refused. The packages below it read: sheet the cells of a file, amount quantities, prices and phones, address doors, orderfile
// the files of platforms and shops, jielong the lists of chat groups, estatefile the workbook of an estate. They are pure: bytes in, rows
// out, no database, no clock, no network. What happens with the rows is decided in dispatch/intake.
//
// Nothing is guessed silently: what has exactly one meaning is taken, everything else waits for a person.
package reading
