@echo off
rem The targets of the Makefile for Windows: make.bat demo, test, bench, eval-model, docs, zip
setlocal
cd /d "%~dp0"
set PYTHONPATH=%CD%
set PYTHONDONTWRITEBYTECODE=1
set ADDON=.venv\Scripts\python.exe
set ENGINE=.venv-engine\Scripts\python.exe
set DEMO=out\demo
if "%DATA%"=="" set DATA=out\data
if "%PYTHON%"=="" set PYTHON=py
if "%1"=="demo" goto demo
if "%1"=="test" goto test
if "%1"=="bench" goto bench
if "%1"=="eval-model" goto eval-model
if "%1"=="docs" goto docs
if "%1"=="zip" goto zip
echo make.bat demo    a shot from scene to sequencer, into out\demo
echo make.bat test    lint and every test (set BLENDER=C:\path\blender.exe for those in a real Blender)
echo make.bat bench   the table of bounds, measured
echo make.bat eval-model  the bounds of the built-in model, on clips that it never saw (an hour and more)
echo make.bat docs    the pictures that README and docs show
echo make.bat zip     the extension, into out
exit /b 0

:demo
%PYTHON% environments.py || exit /b 1
if exist %DEMO% rmdir /s /q %DEMO%
%ADDON% -m sora_addon.scenes demo --out %DEMO%\scene.blend || exit /b 1
%ADDON% -m sora_addon generate %DEMO%\scene.blend --prompt "steel, wood and glass on a stone floor, late sun, room tone" --out %DEMO% || exit /b 1
%ENGINE% -m engine sheet %DEMO%\take --shot %DEMO%\shot --out %DEMO%\sheets || exit /b 1
%ADDON% -m sora_addon lay %DEMO%\scene.blend %DEMO%\take --out %DEMO%\edit.blend --render %DEMO%\sequence.mp4 || exit /b 1
%ENGINE% -m engine measure %DEMO%\take --shot %DEMO%\shot || exit /b 1
echo open %DEMO%\edit.blend in Blender; the take is in %DEMO%\take, its pictures in %DEMO%\sheets
exit /b 0

:test
%PYTHON% environments.py --dev || exit /b 1
%ENGINE% -m ruff check . || exit /b 1
%ENGINE% -m ruff format --check . || exit /b 1
%ENGINE% -m pyright --pythonpath %ENGINE% || exit /b 1
%ENGINE% -m pytest tests --ignore tests\blender || exit /b 1
%ADDON% -m pytest tests\blender || exit /b 1
%PYTHON% environments.py --wheels || exit /b 1
for /d %%w in (.venv-bpy-*) do (
  for %%t in (client_desk client_engine compat exporter panel_drawing panel_operators sequencer) do %%w\Scripts\python.exe -m pytest tests\blender\test_%%t.py || exit /b 1
)
exit /b 0

:bench
%PYTHON% environments.py || exit /b 1
%ENGINE% -m tests.bench || exit /b 1
exit /b 0

:eval-model
%PYTHON% environments.py --dev || exit /b 1
%ENGINE% -m engine data make --set held --seeds 100000-100039 --out %DATA%\held || exit /b 1
%ENGINE% -m engine data make --set heard --seeds 200000-200039 --out %DATA%\heard || exit /b 1
%ENGINE% -m engine data make --set varied --seeds 300000-300119 --out %DATA%\varied || exit /b 1
%ENGINE% -m engine judge %DATA% --sheet %DATA%\sheet.png || exit /b 1
exit /b 0

:docs
%PYTHON% environments.py || exit /b 1
if not exist %DEMO%\sheets\frames.png call "%~f0" demo || exit /b 1
%ENGINE% -m tests.pictures %DEMO% || exit /b 1
exit /b 0

:zip
%PYTHON% environments.py || exit /b 1
%ADDON% -m tests.build_zip out || exit /b 1
exit /b 0
