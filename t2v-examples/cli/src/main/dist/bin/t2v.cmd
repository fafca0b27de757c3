@echo off
rem Starts the command line with the Java of JAVA_HOME, or else with the first one on the path.
setlocal
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" -jar "%~dp0..\t2v.jar" %*
