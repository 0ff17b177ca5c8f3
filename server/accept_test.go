package server

import (
	"net/http"
	"testing"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	j, r, e, none := typeJSON, typeResult, typeEvents, ""
	for header, want := range map[string]accepted{
		"":                      {j, false},
		" ":                     {j, false},
		"*/*":                   {j, false},
		"application/*":         {j, false},
		"text/*":                {e, true},
		"text/html":             {none, false},
		"text/html, */*;q=0.1":  {j, false},
		"application/json":      {j, false},
		"APPLICATION/JSON;Q=1":  {j, false},
		"text/event-stream":     {e, true},
		"text/event-stream;q=0": {none, false},
		"text/event-stream;q=0.1, application/json":                              {j, true},
		"application/json, text/event-stream":                                    {j, true},
		"text/event-stream, application/json":                                    {e, true},
		"application/graphql-response+json, application/json;q=0.9":              {r, false},
		"application/json;q=0.9, application/graphql-response+json":              {r, false},
		"application/graphql-response+json;q=0.5, application/json;q=0.6":        {j, false},
		"application/graphql-response+json; charset=utf-8, application/json":     {r, false},
		"application/json;q=0":                                                   {none, false},
		"application/json;q=0, */*":                                              {r, false},
		"*/*, application/json;q=0":                                              {r, false},
		"application/json;q=0.0, application/*;q=0.2":                            {r, false},
		"application/*;q=0, */*":                                                 {e, false},
		"application/json, */*;q=0":                                              {j, false},
		"application/json;q=0, application/graphql-response+json;q=0, */*;q=0.5": {e, false},
		"*/*;q=0": {none, false},
		"application/*;q=0.4, application/json;q=0.2":         {r, false},
		"text/*;q=0, text/event-stream;q=0.3":                 {e, true},
		"application/json;q=x":                                {none, false},
		"application/json;q=NaN, text/event-stream":           {e, true},
		"application/json;q=1e9, text/event-stream":           {e, true},
		"application/json;q=2":                                {none, false},
		"application/json ; q=0.5 , text/event-stream ;q=0.4": {j, true},
		"application":         {none, false},
		",,,application/json": {j, false},
	} {
		if got := accept(http.Header{"Accept": {header}}); got != want {
			t.Errorf("%q: got %+v, want %+v", header, got, want)
		}
	}
	if got := accept(http.Header{"Accept": {"text/html", "application/json;q=0.1"}}); got.best != j {
		t.Errorf("in two lines: got %+v", got)
	}
}
