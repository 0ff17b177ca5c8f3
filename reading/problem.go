package reading

// Why an entry waits.
const (
	QuantityUnclear  Problem = "QUANTITY_UNCLEAR"   // 若干, 2-3个
	ItemMissing      Problem = "ITEM_MISSING"       // a quantity of nothing
	NothingOrdered   Problem = "NOTHING_ORDERED"    // a door without goods
	SameRowAgain     Problem = "SAME_ROW_AGAIN"     // told only where the rows have a number
	TwoAddresses     Problem = "TWO_ADDRESSES"      // rows with one number name two doors
	AddressFromAbove Problem = "ADDRESS_FROM_ABOVE" // a row without number and address was taken to continue the one above
	HasFormula       Problem = "FORMULA"            // a cell has a formula, which is never computed
	NumberUnclear    Problem = "NUMBER_UNCLEAR"     // a spreadsheet has rounded the number, or made it a date
)

// Why an entry is refused.
const (
	QuantityNotPositive Problem = "QUANTITY_NOT_POSITIVE"
)

// Remarks, which hold no entry up.
const (
	QuantityAssumed Problem = "QUANTITY_ASSUMED" // no quantity means one
	PriceUnclear    Problem = "PRICE_UNCLEAR"    // the price is taken as not known
	NoteCut         Problem = "NOTE_CUT"         // the note was longer than notes may be
	TotalDiffers    Problem = "TOTAL_DIFFERS"    // what a list or a sheet states as total is not what was counted
)
