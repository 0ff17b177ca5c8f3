package answer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"baogong/delivery"
)

// Trusted holds the only documents that may run.
type Trusted struct {
	byID  map[string]string
	texts map[string]bool
}

// ParseTrusted reads a JSON list of documents, or an object of them by id. Each is known by the hex SHA-256 of its text
// too. It fails, naming the document, if one does not fit the schema.
func ParseTrusted(text []byte, schema *ast.Schema) (*Trusted, error) {
	named := map[string]string{}
	if DecodeJSON(text, &named) != nil {
		var list []string
		if DecodeJSON(text, &list) != nil {
			return nil, errors.New("the trusted documents must be a JSON list of documents, or an object of them by id")
		}
		named = make(map[string]string, len(list))
		for i, document := range list {
			named[fmt.Sprintf("number %d", i+1)] = document
		}
	}
	t := &Trusted{byID: make(map[string]string, 2*len(named)), texts: make(map[string]bool, len(named))}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		document := strings.TrimSpace(named[id])
		parsed, err := gqlparser.LoadQueryWithRules(schema, document, rules.NewDefaultRules())
		if err != nil {
			first, _, _ := strings.Cut(err.Error(), "\n") // of a list
			return nil, fmt.Errorf("the trusted document %s does not fit the schema: %s", id, first)
		}
		if len(parsed.Operations) == 0 {
			return nil, fmt.Errorf("the trusted document %s holds no operation", id)
		}
		hash := sha256.Sum256([]byte(named[id])) // as clients see it
		t.byID[id], t.byID[hex.EncodeToString(hash[:])], t.texts[document] = document, document, true
	}
	return t, nil
}

// reasonNotListed refuses an operation outside the list of those allowed.
var reasonNotListed = delivery.NewReason("NOT_LISTED", delivery.CodeForbidden,
	"This operation is not in the list of allowed operations.",
	"此操作不在允许的操作列表中。")

// bodyNoDocuments is what is wrong with the request, for ReasonBadBody.
var bodyNoDocuments = delivery.NewWord(`it names a document, and none are kept here; send "query"`, "此处不保存操作文档，请发送“query”")

// document returns the text that a request may run. Without a list that is the text in the request.
func (t *Trusted) document(r *Request) (string, error) {
	if t == nil {
		if r.Query == "" && persisted(r.Extensions) != "" {
			return "", persistedQueryNotSupported()
		}
		if r.Query == "" && r.Document != "" {
			return "", delivery.Refuse(ReasonBadBody, bodyNoDocuments)
		}
		return r.Query, nil
	}
	if text, ok := t.byID[r.Document]; ok {
		return text, nil
	}
	if text := strings.TrimSpace(r.Query); t.texts[text] {
		return text, nil
	}
	return "", delivery.Refuse(reasonNotListed)
}

// persisted returns the id in extensions that Apollo's clients send instead of a text.
func persisted(extensions map[string]any) string {
	query, _ := extensions["persistedQuery"].(map[string]any) // other extensions are ignored
	hash, _ := query["sha256Hash"].(string)
	return hash
}

// persistedQueryNotSupported has the code and message by which clients of Apollo and others switch to sending the text.
func persistedQueryNotSupported() error {
	return &gqlerror.Error{Message: "PersistedQueryNotSupported", Extensions: map[string]any{"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}
}
