package api

func (h *Handler) clients() []operation { return nil }

var noClient = notFound("inexistent_client", "The client does not exist")
