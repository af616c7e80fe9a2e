<?php
// Answers in three seconds, and says so on standard error.
error_log("request begins");
$until = microtime(true) + 3;
echo "begun\n";
flush();
// A signal ends usleep() early.
while (microtime(true) < $until) {
    usleep(20000);
}
echo "answered\n";
error_log("request answered");
