package api

import (
	"net/url"
	"strings"
)

// node is a place in the tree of paths. Paths are matched as they were sent, because ids hold %2F.
type node struct {
	fixed    map[string]*node
	variable *node
	// routes are the operations here by method; their names of the variables may differ.
	routes map[string]*route
}

// route is an endpoint with the operation that serves it, if it is built.
type route struct {
	endpoint
	op *operation
}

func (n *node) add(r *route) {
	for segment := range strings.SplitSeq(strings.Trim(r.path, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			if n.variable == nil {
				n.variable = &node{}
			}
			n = n.variable
			continue
		}
		if n.fixed == nil {
			n.fixed = map[string]*node{}
		}
		if n.fixed[segment] == nil {
			n.fixed[segment] = &node{}
		}
		n = n.fixed[segment]
	}
	if n.routes == nil {
		n.routes = map[string]*route{}
	}
	n.routes[r.method] = r
}

// find returns the route of a method and an encoded path below the base, with the decoded variables in their order.
func (n *node) find(method, path string) (*route, []string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if len(segments) > 12 {
		return nil, nil
	}
	return n.walk(method, segments, nil)
}

func (n *node) walk(method string, rest, values []string) (*route, []string) {
	if len(rest) == 0 {
		return n.routes[method], values
	}
	// A fixed name wins, but it may lead nowhere where the variable does.
	if next := n.fixed[rest[0]]; next != nil {
		if r, v := next.walk(method, rest[1:], values); r != nil {
			return r, v
		}
	}
	value, err := url.PathUnescape(rest[0])
	if n.variable == nil || err != nil || value == "" {
		return nil, nil
	}
	return n.variable.walk(method, rest[1:], append(values[:len(values):len(values)], value))
}

// variables are the names of a path's variables.
func variables(path string) (names []string) {
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}
