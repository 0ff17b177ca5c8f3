package delivery

import (
	"fmt"
	"strings"
)

// ConsentBy says who agreed to an order that was placed by telephone.
type ConsentBy string

// Who can agree.
const (
	ConsentHousehold ConsentBy = "HOUSEHOLD"
	ConsentRelative  ConsentBy = "RELATIVE"
	ConsentCarer     ConsentBy = "CARER"
)

// Consents lists who can agree.
var Consents = []ConsentBy{ConsentHousehold, ConsentRelative, ConsentCarer}

// The refusals of orders by telephone.
var (
	ReasonConsentNeeded = NewReason("CONSENT_NEEDED", CodeBadUserInput,
		"Say who agreed to this order on the telephone: the household, a relative or a carer.",
		"请说明电话中由谁同意下单：本人、亲属或照护人。")
	ReasonReadBackNeeded = NewReason("READ_BACK_NEEDED", CodeBadUserInput,
		"Read the order aloud to the caller, then send it again with readBack: true.",
		"请先把订单念给来电人核对，再注明已核对并重新提交。")
)

// CheckConsent refuses an order by telephone that names no one who agreed, or that was not read back. It returns nil for other
// channels.
func (o *Order) CheckConsent(readBack bool, lines []*Line, supplier *Supplier) *Error {
	switch {
	case o.Channel != ChannelPhone:
		return nil
	case o.ConsentBy == nil:
		return Refuse(ReasonConsentNeeded).At("consentBy")
	case !readBack:
		return o.NotReadBack(lines, supplier)
	}
	return nil
}

// NotReadBack returns the refusal of an order that was not read back, with the sentence to read.
func (o *Order) NotReadBack(lines []*Line, supplier *Supplier) *Error {
	return Refuse(ReasonReadBackNeeded).At("readBack").With(Details{ReadBack: new(o.ReadBack(lines, supplier))})
}

// ReadBack is the sentence to read aloud to the person who orders by telephone: the supplier, each line with its quantity and price, the
// total and the door. The items are as they were written. supplier is nil for an errand without one.
func (o *Order) ReadBack(lines []*Line, supplier *Supplier) Bilingual {
	var zh, en []string
	priced := true
	var sum int64
	for _, l := range lines {
		quantity := l.Quantity.String() + " " + l.Unit
		sum += l.TotalFen()
		if l.UnitPriceFen == 0 {
			priced = false
			zh, en = append(zh, l.Item+quantity), append(en, quantity+" "+l.Item)
			continue
		}
		zh = append(zh, fmt.Sprintf("%s%s，每%s%s元", l.Item, quantity, l.Unit, yuan(l.UnitPriceFen)))
		en = append(en, fmt.Sprintf("%s %s at %s yuan each", quantity, l.Item, yuan(l.UnitPriceFen)))
	}
	out := Bilingual{"请您核对：", "Please check: "}
	if supplier != nil {
		out.Chinese, out.English = out.Chinese+supplier.Name+"，", out.English+"from "+supplier.Name+", "
	}
	out.Chinese += strings.Join(zh, "；") + "。"
	out.English += strings.Join(en, "; ") + ". "
	if priced {
		out.Chinese += fmt.Sprintf("一共%s元，", yuan(sum))
		out.English += fmt.Sprintf("%s yuan in total, ", yuan(sum))
	} else {
		out.Chinese += "价格以实际购买为准，"
		out.English += "At the price that is paid, "
	}
	out.Chinese += fmt.Sprintf("送到%s。对吗？", o.Address)
	out.English += fmt.Sprintf("to %s. Is that right?", o.Address)
	return out
}

// yuan writes an amount in yuan: 18, 18.5, 18.05.
func yuan(fen int64) string {
	text := fmt.Sprintf("%d.%02d", fen/100, fen%100)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
