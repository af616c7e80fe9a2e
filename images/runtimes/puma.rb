# The settings of puma: SIGTERM then ends it with 0, as SIGINT does.
raise_exception_on_sigterm false
