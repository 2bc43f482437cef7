// Package calendar says when something may run: windows in which it may, freezes
// in which it may not, and the hours in which people are at work.
//
// All of them are written by the clock on the wall, in a zone, and hold for
// instants. An edge that the clocks skip is the moment of their change; one that
// they show twice is the first of the two.
package calendar
