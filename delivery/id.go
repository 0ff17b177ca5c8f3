package delivery

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// UUID is the id of a row within its community, in the usual text form; empty means none. New rows get version 7, drawn by
// the caller that inserts them.
type UUID string

// Kind is the noun that an ID names.
type Kind byte

// The kinds of ID. The numbers are part of every issued id: never reuse one.
const (
	KindCommunity  Kind = 1
	KindBuilding   Kind = 2
	KindUnit       Kind = 3
	KindHousehold  Kind = 4
	KindVolunteer  Kind = 5
	KindSupplier   Kind = 6
	KindOrder      Kind = 7
	KindHold       Kind = 8
	KindLine       Kind = 9
	KindAdmin      Kind = 10
	KindCode       Kind = 11
	KindBin        Kind = 12
	KindArrival    Kind = 13
	KindStray      Kind = 14
	KindIncident   Kind = 15
	KindRun        Kind = 16
	KindRound      Kind = 17
	KindFile       Kind = 18
	KindBatch      Kind = 19
	KindPackage    Kind = 20
	KindWindow     Kind = 21
	KindImport     Kind = 22
	KindShift      Kind = 23
	KindEnquiry    Kind = 24
	KindNotice     Kind = 27
	KindDocument   Kind = 25
	KindMoneyEntry Kind = 26
	KindTask       Kind = 28
	KindWebhook    Kind = 29
	KindScenario   Kind = 30
)

// kindWords are the nouns of the kinds, as sentences say them.
var kindWords = map[Kind]Bilingual{
	KindCommunity: {"小区", "community"}, KindBuilding: {"楼栋", "building"}, KindUnit: {"单元", "unit"}, KindHousehold: {"住户", "household"},
	KindVolunteer: {"队员", "volunteer"}, KindSupplier: {"供货商", "supplier"}, KindOrder: {"订单", "order"}, KindHold: {"暂停", "hold"},
	KindLine: {"订单明细", "line"}, KindAdmin: {"管理员", "administrator"}, KindCode: {"登录码", "code"},
	KindBin: {"分拣格", "bin"}, KindArrival: {"到货", "arrival"}, KindStray: {"无主件", "stray"}, KindIncident: {"异常", "incident"},
	KindRun: {"车次", "run"}, KindRound: {"投递轮次", "round"}, KindFile: {"文件", "file"}, KindBatch: {"一次操作", "batch"},
	KindPackage: {"套餐", "package"}, KindWindow: {"接单时段", "order window"},
	KindImport: {"导入", "import"}, KindShift: {"班次", "shift"}, KindNotice: {"通知", "notice"}, KindTask: {"任务", "task"}, KindDocument: {"证件", "document"}, KindMoneyEntry: {"往来账记录", "entry"},
	KindEnquiry: {"来电", "enquiry"}, KindWebhook: {"推送地址", "webhook"}, KindScenario: {"预案", "scenario"},
}

// String returns the noun in English, for messages.
func (k Kind) String() string {
	if name, ok := kindWords[k]; ok {
		return name.English
	}
	return "unknown"
}

// ID is the opaque id that clients see: base64url of (version, kind, community, uuid). It is not secret and grants no
// access; permissions protect the data.
type ID struct {
	Kind      Kind
	Community int32
	UUID      UUID // empty for a community
}

const idVersion = 1

// String encodes the id.
func (id ID) String() string {
	b := make([]byte, 6, 22)
	b[0], b[1] = idVersion, byte(id.Kind)
	binary.BigEndian.PutUint32(b[2:], uint32(id.Community))
	if id.UUID != "" {
		raw, err := id.UUID.bytes()
		if err == nil {
			b = append(b, raw[:]...)
		}
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// The refusals of ids.
var (
	ReasonMalformedID = NewReason("MALFORMED_ID", CodeBadUserInput,
		"%q is not an id.",
		"“%s”不是有效的编号。")
	ReasonWrongKind = NewWordedReason("WRONG_KIND", CodeBadUserInput,
		"This is the id of %s; %s's id is needed here.",
		"这是%s的编号，此处需要%s的编号。")
)

// WrongKind returns the refusal of the id where one of another kind is needed.
func (id ID) WrongKind(needed Kind) *Error {
	return Refuse(ReasonWrongKind, id.Kind.String(), needed.String())
}

// ParseID decodes an id. It fails with BAD_USER_INPUT for a text that String would not write.
func ParseID(s string) (ID, error) {
	bad := Refuse(ReasonMalformedID, s)
	if len(s) > 40 {
		return ID{}, Refuse(ReasonMalformedID, s[:40]+"…")
	}
	b, err := decode(s)
	if err != nil || len(b) < 6 || b[0] != idVersion {
		return ID{}, bad
	}
	id := ID{Kind: Kind(b[1]), Community: int32(binary.BigEndian.Uint32(b[2:6]))}
	if _, ok := kindWords[id.Kind]; !ok || id.Community < 0 {
		return ID{}, bad
	}
	if whole := id.Kind == KindCommunity; whole != (len(b) == 6) || (!whole && len(b) != 22) {
		return ID{}, bad
	}
	if id.Kind != KindCommunity {
		id.UUID = uuidOf([16]byte(b[6:]))
	}
	return id, nil
}

// decode reads base64url strictly. encoding/base64 ignores line breaks, so many texts would be one id.
func decode(s string) ([]byte, error) {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return nil, base64.CorruptInputError(i)
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// MarshalGQL writes the id as a JSON string.
func (id ID) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(id.String())) }

// UnmarshalGQL reads an id from a client. It fails with BAD_USER_INPUT if it is malformed.
func (id *ID) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return Refuse(ReasonMalformedID, fmt.Sprint(v))
	}
	parsed, err := ParseID(s)
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// MarshalText writes the id as text, as in the JSON of stored outcomes.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}

func (u UUID) bytes() (raw [16]byte, err error) {
	hexed := make([]byte, 0, 32)
	for i := range len(u) {
		if u[i] != '-' {
			hexed = append(hexed, u[i])
		}
	}
	if len(hexed) != 32 {
		return raw, fmt.Errorf("uuid of %d digits", len(hexed))
	}
	_, err = hex.Decode(raw[:], hexed)
	return raw, err
}

func uuidOf(raw [16]byte) UUID {
	var b [36]byte
	hex.Encode(b[0:8], raw[0:4])
	hex.Encode(b[9:13], raw[4:6])
	hex.Encode(b[14:18], raw[6:8])
	hex.Encode(b[19:23], raw[8:10])
	hex.Encode(b[24:36], raw[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return UUID(b[:])
}

// Node is a noun with an opaque id of its own.
type Node interface {
	ID() ID
	IsNode()
}
