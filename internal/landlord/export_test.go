package landlord

// OnFault sets what the engine calls around everything that a killed run could
// leave half done.
func (e *Engine) OnFault(call func(point string)) { e.onFault = call }

// Computed returns how many migrations the engine computed, and did not find.
func (e *Engine) Computed() int {
	e.classes.mu.Lock()
	defer e.classes.mu.Unlock()
	return e.classes.computed
}
