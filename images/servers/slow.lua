-- Answers in three seconds: the head at once, and the rest then.
core.register_service("slow", "http", function(applet)
    applet:set_status(200)
    applet:add_header("content-type", "text/plain")
    applet:start_response()
    applet:send("begun\n")
    core.msleep(3000)
    applet:send("answered\n")
end)
