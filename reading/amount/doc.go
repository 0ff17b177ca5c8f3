// Package amount reads numerals, quantities, prices and telephone numbers as people write them. A text that is unclear is said to be
// unclear; it is never taken for the likeliest number.
package amount
