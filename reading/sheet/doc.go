// Package sheet reads the tables that shops, chat groups and estates send, CSV, TSV and XLSX, as rows of text with the file's own row
// numbers, and writes such tables.
//
// It finds the encoding and the separator by looking. It never computes a formula: a cell with one has the formula as its text.
//
// Files are bounded: see MaxBytes and the constants beside it. What is beyond a bound, or no table, is a delivery.Error with a sentence
// for the person who sent it.
package sheet
