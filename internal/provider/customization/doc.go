// Package customization has the resource of what one tenant has of its own.
package customization
