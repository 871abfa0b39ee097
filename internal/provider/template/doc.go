// Package template has the resource of templates.
package template
