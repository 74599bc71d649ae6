package login

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// color is opaque; texts that are not a color of CSS with # have none.
type color struct{ r, g, b float64 } // 0 to 255

var (
	white = color{255, 255, 255}
	black = color{0, 0, 0}
)

// parseColor reads #rgb, #rgba, #rrggbb and #rrggbbaa; what is translucent is laid on the ground.
func parseColor(text string, ground color) (color, bool) {
	hex, ok := strings.CutPrefix(text, "#")
	if len(hex) == 3 || len(hex) == 4 {
		var b strings.Builder
		for _, r := range hex {
			b.WriteString(string(r) + string(r))
		}
		hex = b.String()
	}
	if !ok || len(hex) != 6 && len(hex) != 8 {
		return color{}, false
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return color{}, false
	}
	alpha := 1.0
	if len(hex) == 8 {
		alpha = float64(n&255) / 255
		n >>= 8
	}
	c := color{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}
	return ground.mix(c, alpha), true
}

// String is the color in CSS.
func (c color) String() string {
	return fmt.Sprintf("#%02x%02x%02x", int(math.Round(c.r)), int(math.Round(c.g)), int(math.Round(c.b)))
}

// mix goes a part of the way to another color.
func (c color) mix(to color, part float64) color {
	return color{c.r + (to.r-c.r)*part, c.g + (to.g-c.g)*part, c.b + (to.b-c.b)*part}
}

// luminance is that of WCAG 2.2.
func (c color) luminance() float64 {
	var sum float64
	for _, p := range [][2]float64{{c.r, .2126}, {c.g, .7152}, {c.b, .0722}} {
		v := math.Round(p[0]) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += p[1] * v
	}
	return sum
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// opposite is black or white, whichever reads better on the color. It has a contrast of at least 4.5.
func (c color) opposite() color {
	if contrast(c, white) >= contrast(c, black) {
		return white
	}
	return black
}

// Contrasts that WCAG 2.2 AA asks for.
const (
	forText  = 4.5
	forShape = 3.0
)

// wash is a color with a little of a tone in it. Where that would make what is written on it hard to read, it goes the other way.
func (c color) wash(tone color, part float64) color {
	if ink := c.opposite(); contrast(c.mix(tone, part), ink) < forText+1 {
		return c.mix(ink.opposite(), part)
	}
	return c.mix(tone, part)
}

// on is the color, as far as it can be seen on a ground: it goes towards black or white until its contrast is enough.
func (c color) on(ground color, least float64) color {
	for step := 0.0; step <= 1; step += .05 {
		if seen := c.mix(ground.opposite(), step); contrast(seen, ground) >= least {
			return seen
		}
	}
	return ground.opposite()
}
